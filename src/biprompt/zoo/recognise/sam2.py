"""Sizes of SAM 2 from the shapes of its tensors."""

from __future__ import annotations

from itertools import pairwise

from biprompt.errors import WeightsError
from biprompt.models.sam2.config import Four, HieraConfig, Sam2Config
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.recognise.sam import decoder_sizes
from biprompt.zoo.recognise.stated import KEY, Stated

_PUBLISHED = (
    Sam2Config.tiny().encoder,
    Sam2Config.small().encoder,
    Sam2Config.base_plus().encoder,
    Sam2Config.large().encoder,
)


def sam2_config(keys: Keys, stated: Stated) -> Sam2Config:
    """Sizes of SAM 2: heads, windows and global blocks are those of the published size."""
    return Sam2Config(
        encoder=_hiera(keys.under("image_encoder.trunk."), stated.part("encoder")),
        dim=keys.shape("image_encoder.neck.convs.0.conv.weight", 4)[0],
        decoder=decoder_sizes(
            keys,
            "sam_prompt_encoder.",
            "sam_mask_decoder.",
            "mlp.layers.0.weight",
            stated.part("decoder"),
        ),
    )


def _hiera(keys: Keys, stated: Stated) -> HieraConfig:
    dim = keys.shape("patch_embed.proj.weight", 4)[0]
    stages = _stages(keys)
    like = next((one for one in _PUBLISHED if (one.dim, one.stages) == (dim, stages)), None)
    if like is None and not stated.tree:
        expected = f"a published size, or heads, windows and global_blocks in {KEY}"
        raise WeightsError("Hiera", expected=expected, actual=f"width {dim}, stages {stages}")
    like = like or HieraConfig()
    return HieraConfig(
        image_size=stated.number("image_size", like.image_size),
        dim=dim,
        heads=stated.number("heads", like.heads),
        stages=stages,
        windows=_four("windows", stated.numbers("windows", like.windows)),
        global_blocks=stated.numbers("global_blocks", like.global_blocks),
        background=keys.shape("pos_embed", 4)[-1],
    )


def _stages(keys: Keys) -> Four:
    """Blocks of each stage: all but the first begin with a block that changes the width."""
    depth = keys.count("blocks")
    starts = [index for index in range(depth) if f"blocks.{index}.proj.weight" in keys]
    return _four("stages", tuple(b - a for a, b in pairwise((0, *starts, depth))))


def _four(what: str, values: tuple[int, ...]) -> Four:
    if len(values) != 4:
        raise WeightsError(f"{what} of Hiera", expected="four numbers", actual=values)
    return (values[0], values[1], values[2], values[3])
