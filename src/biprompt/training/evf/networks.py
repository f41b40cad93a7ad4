"""The network at the beginning of a run, from files or, for trials, at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from biprompt.errors import WeightsError
from biprompt.models.beit3 import Beit3, Beit3Config
from biprompt.models.evf import EvfConfig, EvfSam
from biprompt.models.sam import Sam, SamConfig
from biprompt.models.sam.config import STRIDE, DecoderConfig, VitConfig
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.zoo.build import LoadedCheckpoint, load_checkpoint
from biprompt.zoo.families import EVF_SAM2_MULTITASK, PRESETS, Family, Preset
from biprompt.zoo.folders import tokenizer_beside
from biprompt.zoo.recognise import Recognised, Stated
from biprompt.zoo.recognise.evf import beit3_config
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.weights import Weights, open_weights

Report = Callable[[str], None]

_BEIT3 = "beit3."
_SPOKEN = {one.visual: one for one in Family if one.takes_text}
_HEAD = 32
"""Width of an attention head of the tiny network, about."""


@dataclass(frozen=True, slots=True)
class FirstFiles:
    """Files that a new run starts from.

    Attributes:
        sam: checkpoint of SAM, EfficientSAM or SAM 2.
        beit3: checkpoint of BEiT-3.
        start: checkpoint of EVF-SAM, instead of both.
        tokenizer: sentencepiece model; left out, the one beside `beit3` or `start`.
        clip: folder of a CLIP of transformers, for ``encoder = "clip"``.
    """

    sam: Path | None = None
    beit3: Path | None = None
    start: Path | None = None
    tokenizer: Path | None = None
    clip: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """A network, and what its export says about it.

    Attributes:
        model: on the CPU, float32.
        recognised: family and sizes.
        preset: how it expects its image.
    """

    model: EvfSam
    recognised: Recognised
    preset: Preset

    @property
    def image_encoder(self) -> nn.Module:
        """What looks at the image."""
        encoder = self.model.visual_model.image_encoder
        if not isinstance(encoder, nn.Module):
            raise TypeError("image_encoder is not a module")
        return encoder


def start(recipe: EvfRecipe, files: FirstFiles, vocabulary: int, report: Report) -> Started:
    """The network at the beginning of a run; what no file holds is random by the recipe's seed.

    Args:
        recipe: of the run.
        files: where weights come from; none for a tiny network.
        vocabulary: how many ids the tokenizer has.
        report: told what was taken from where.

    Raises:
        WeightsError: a file is missing, damaged, of another model, or does not go with the recipe
            or the tokenizer.
        InputError: the recipe's choices of the model do not go together.
    """
    torch.manual_seed(recipe.seed)
    if recipe.size == "tiny":
        report("random start: a tiny network that was never trained, for trials")
        return _tiny(recipe, vocabulary)
    if files.start is not None:
        return _fine_tuned(recipe, files.start, vocabulary, report)
    return _joined(recipe, files, vocabulary, report)


def evf_config(recipe: EvfRecipe, beit3: Beit3Config, out_dim: int) -> EvfConfig:
    """What the recipe says of picture and phrase.

    Raises:
        InputError: its choices do not go together.
    """
    return EvfConfig(
        beit3=beit3,
        out_dim=out_dim,
        fusion=recipe.fusion,  # type: ignore[arg-type]  # checked there
        early_layers=recipe.early_layers or None,
        feature=recipe.feature,  # type: ignore[arg-type]
    )


def _tiny(recipe: EvfRecipe, vocabulary: int) -> Started:
    dim, sam_dim = recipe.tiny_beit_dim, recipe.tiny_sam_dim
    beit3 = Beit3Config(
        image_size=recipe.tiny_beit_side, patch_size=16, vocab_size=vocabulary, dim=dim,
        heads=_heads(dim), ffn_dim=2 * dim, layers=recipe.tiny_beit_layers, text_positions=128,
    )  # fmt: skip
    layers, decoder = recipe.tiny_sam_layers, recipe.tiny_decoder_dim
    vit = VitConfig(
        image_size=recipe.tiny_canvas, dim=sam_dim, depth=layers, heads=_heads(sam_dim),
        mlp=2 * sam_dim, window=recipe.tiny_canvas // STRIDE, global_blocks=tuple(range(layers)),
        out_dim=decoder,
    )  # fmt: skip
    sizes = DecoderConfig(heads=_heads(decoder // 2), mlp=2 * decoder, iou_hidden=decoder)
    sam = SamConfig(vit, sizes)
    config = evf_config(recipe, beit3, decoder)
    visual = Sam(sam)
    model = EvfSam(visual, config)
    _start_positions(visual, model.beit3)
    return Started(model, Recognised(Family.EVF_SAM, sam, config), PRESETS[Family.EVF_SAM])


def _heads(dim: int) -> int:
    """Attention heads: a divisor of the width."""
    wanted = max(1, dim // _HEAD)
    return next(heads for heads in range(wanted, 0, -1) if dim % heads == 0)


@torch.no_grad()
def _start_positions(visual: Sam, beit3: Beit3) -> None:
    """Positions and [CLS] start at zero, to be loaded; a network from scratch must tell places."""
    zero = ("pos_embed", "embed_positions.A.weight", "embed_positions.B.weight", "cls_token")
    for name, value in (*visual.named_parameters(), *beit3.named_parameters()):
        if name.endswith(zero):
            nn.init.trunc_normal_(value, std=0.02)


def _fine_tuned(recipe: EvfRecipe, path: Path, vocabulary: int, report: Report) -> Started:
    loaded = load_checkpoint(path, dtype=torch.float32)
    recognised, model = loaded.recognised, loaded.model
    if recognised.evf is None or not isinstance(model, EvfSam):
        raise WeightsError("--start", expected="an EVF-SAM", actual=loaded.family, path=path)
    wanted = evf_config(recipe, recognised.evf.beit3, recognised.evf.out_dim)
    if wanted != recognised.evf:
        raise WeightsError(
            "--start",
            expected=f"the recipe's {_told(wanted)}",
            actual=_told(recognised.evf),
            path=path,
        )
    _check_vocabulary(wanted.beit3, vocabulary, path)
    report(f"{path}: {loaded.family}")
    return Started(_owned(model), recognised, replace(loaded.preset, multimask_text=False))


def _told(config: EvfConfig) -> str:
    return f"{config.fusion} fusion, {config.early_layers or 'all'} layers, {config.feature}"


def _joined(recipe: EvfRecipe, files: FirstFiles, vocabulary: int, report: Report) -> Started:
    if files.sam is None or files.beit3 is None:
        raise WeightsError(
            "first weights", expected="--sam and --beit3, or --start, or --tiny", actual="none"
        )
    sam = _sam(files.sam)
    weights = open_weights(files.beit3)
    beit3 = _beit3_sizes(weights, files.beit3)
    _check_vocabulary(beit3, vocabulary, files.beit3)
    config = evf_config(recipe, beit3, sam.recognised.visual.dim)
    model = EvfSam(sam.model, config)
    unused = _fill(model.beit3, weights, files.beit3)
    report(f"{files.sam}: {sam.family}")
    report(f"{files.beit3}: BEiT-3, {beit3.layers} layers of {beit3.dim}; {unused} tensors unused")
    family = _SPOKEN[sam.family]
    recognised = Recognised(family, sam.recognised.visual, config)
    return Started(_owned(model), recognised, _preset(family))


def _sam(path: Path) -> LoadedCheckpoint:
    sam = load_checkpoint(path, dtype=torch.float32)
    if sam.family not in _SPOKEN:
        expected = " or ".join(_SPOKEN)
        raise WeightsError("--sam", expected=expected, actual=sam.family, path=path)
    return sam


def _preset(family: Family) -> Preset:
    """What the trained network expects: one resize, one mask (SAM 2's three are not trained)."""
    usual = EVF_SAM2_MULTITASK if family is Family.EVF_SAM2 else PRESETS[family]
    return replace(usual, multimask_text=False, semantic=True)


def _beit3_sizes(weights: Weights, path: Path) -> Beit3Config:
    try:
        return beit3_config(Keys(weights.shapes, _BEIT3), Stated())
    except WeightsError as error:
        raise WeightsError(
            "--beit3", expected=error.expected, actual=error.actual, path=path
        ) from error


def _fill(beit3: Beit3, weights: Weights, path: Path) -> int:
    """Give BEiT-3 its weights; the head of its pre-training is not used.

    Returns:
        How many tensors of the file were not used.
    """
    wanted = beit3.state_dict()
    missing = [name for name in wanted if _BEIT3 + name not in weights]
    if missing:
        actual = f"no {', '.join(missing[:3])}" + (" ..." if len(missing) > 3 else "")
        raise WeightsError("--beit3", expected=f"{len(wanted)} tensors", actual=actual, path=path)
    for name, value in wanted.items():
        given = weights[_BEIT3 + name]
        if given.shape != value.shape:
            raise WeightsError(
                name, expected=tuple(value.shape), actual=tuple(given.shape), path=path
            )
        value.copy_(given)
    return len(weights) - len(wanted)


def _check_vocabulary(beit3: Beit3Config, vocabulary: int, path: Path) -> None:
    if vocabulary > beit3.vocab_size:
        raise WeightsError(
            "tokenizer",
            expected=f"at most {beit3.vocab_size} ids, as BEiT-3 has",
            actual=vocabulary,
            path=path,
        )


def _owned(model: EvfSam) -> EvfSam:
    """Weights in memory of their own, float32: those of a file are pages of it."""
    for value in (*model.parameters(), *model.buffers()):
        value.data = value.data.float().clone() if value.is_floating_point() else value.data.clone()
    return model


def tokenizer_file(files: FirstFiles) -> Path:
    """The sentencepiece model that belongs to the weights.

    Raises:
        WeightsError: there is none.
    """
    if files.tokenizer is not None:
        return files.tokenizer
    beside = files.start or files.beit3
    found = None if beside is None else tokenizer_beside(beside)
    if found is None:
        expected = "--tokenizer beit3.spm, or one beside the weights"
        raise WeightsError("tokenizer", expected=expected, actual="none", path=beside)
    return found
