"""Sizes of SAM 2 from the shapes of its tensors."""

from __future__ import annotations

from itertools import pairwise

from biprompt.errors import WeightsError
from biprompt.models.sam2.config import Four, HieraConfig, RepVitConfig, Sam2Config
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.recognise.sam import decoder_sizes
from biprompt.zoo.recognise.stated import KEY, Stated

_PUBLISHED = tuple(
    config.encoder
    for config in (
        Sam2Config.tiny(),
        Sam2Config.small(),
        Sam2Config.base_plus(),
        Sam2Config.large(),
    )
    if isinstance(config.encoder, HieraConfig)
)


def sam2_config(keys: Keys, stated: Stated) -> Sam2Config:
    """Sizes of SAM 2: heads, windows and global blocks are those of the published size."""
    return _sam2(keys, stated, _hiera(keys.under("image_encoder.trunk."), stated.part("encoder")))


def edge_tam_config(keys: Keys, stated: Stated) -> Sam2Config:
    """Sizes of EdgeTAM: the image size and the heads of the decoder are not in a shape."""
    return _sam2(
        keys, stated, _repvit(keys.under("image_encoder.trunk.body."), stated.part("encoder"))
    )


def _sam2(keys: Keys, stated: Stated, encoder: HieraConfig | RepVitConfig) -> Sam2Config:
    return Sam2Config(
        encoder=encoder,
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


def _repvit(keys: Keys, stated: Stated) -> RepVitConfig:
    stages = [keys.under(f"stages_{index}.") for index in range(4)]
    return RepVitConfig(
        image_size=stated.number("image_size", RepVitConfig().image_size),
        dims=_four(
            "widths", tuple(s.shape("blocks.0.token_mixer.conv.c.weight", 4)[0] for s in stages)
        ),
        depths=_four("blocks", tuple(stage.count("blocks") for stage in stages)),
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
