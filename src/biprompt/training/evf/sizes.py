"""Sizes of the network that a run trains, from the recipe and the headers of its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from biprompt.errors import WeightsError
from biprompt.models.beit3 import Beit3Config
from biprompt.models.evf import EvfConfig
from biprompt.models.preprocess import SamPixels, SamResize, SamView
from biprompt.models.sam import SamConfig
from biprompt.models.sam.config import STRIDE, DecoderConfig, VitConfig
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.zoo.families import EVF_SAM2_MULTITASK, PRESETS, Family, Preset
from biprompt.zoo.folders import published_as
from biprompt.zoo.recognise import Recognised, Stated, preset_of, recognise, stated_by
from biprompt.zoo.recognise.evf import beit3_config
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.weights import open_weights

BEIT3 = "beit3."
"""What the names of BEiT-3's weights start with in its own checkpoints."""
_SPOKEN = {one.visual: one for one in Family if one.takes_text}
_HEAD = 32
"""Width of an attention head of the tiny network, about."""
_TINY_PHRASE = 128
"""Rows of its text positions."""


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


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a run trains.

    Attributes:
        recognised: family and sizes; of the SAM alone where CLIP reads the phrase.
        preset: how the network expects its image.
    """

    recognised: Recognised
    preset: Preset

    @property
    def evf(self) -> EvfConfig:
        """Sizes of BEiT-3, and how picture and phrase become a prompt."""
        if self.recognised.evf is None:
            raise TypeError("sizes of a network without words")
        return self.recognised.evf

    @property
    def view(self) -> SamView:
        """How pictures come to its SAM."""
        side = self.recognised.visual.image_size
        return SamView(side, SamResize(self.preset.resize), SamPixels(self.preset.pixels))


def sizes_of(recipe: EvfRecipe, files: FirstFiles, vocabulary: int) -> Sizes:
    """Sizes of the network of a run; of files only the headers are read.

    Args:
        recipe: of the run.
        files: where weights come from; none for a tiny network.
        vocabulary: how many ids the tokenizer has.

    Raises:
        WeightsError: a file is missing, damaged, of another model, or does not go with the recipe
            or the tokenizer.
        InputError: the recipe's choices of the model do not go together.
    """
    if recipe.encoder == "clip":
        return _beside_clip(recipe, files)
    if recipe.size == "tiny":
        return _tiny(recipe, vocabulary)
    sizes = _joined(recipe, files) if files.start is None else _fine_tuned(recipe, files.start)
    most = sizes.evf.beit3.vocab_size
    if vocabulary > most:
        expected = f"at most {most} ids, as BEiT-3 has"
        raise WeightsError("tokenizer", expected=expected, actual=vocabulary)
    return sizes


def _evf(recipe: EvfRecipe, beit3: Beit3Config, out_dim: int) -> EvfConfig:
    return EvfConfig(
        beit3=beit3,
        out_dim=out_dim,
        fusion=recipe.fusion,  # type: ignore[arg-type]  # checked there
        early_layers=recipe.early_layers or None,
        feature=recipe.feature,  # type: ignore[arg-type]
    )


def _beside_clip(recipe: EvfRecipe, files: FirstFiles) -> Sizes:
    """The SAM alone; CLIP says its sizes itself."""
    if recipe.size == "tiny":
        return Sizes(Recognised(Family.SAM, _tiny_sam(recipe)), PRESETS[Family.SAM])
    if files.sam is None or files.clip is None:
        raise WeightsError("first weights", expected="--sam and --clip", actual="not both")
    sam = _recognised_sam(files.sam)
    return Sizes(sam, _preset(_SPOKEN[sam.family]))


def _tiny(recipe: EvfRecipe, vocabulary: int) -> Sizes:
    dim = recipe.tiny_beit_dim
    beit3 = Beit3Config(
        image_size=recipe.tiny_beit_side, vocab_size=vocabulary, dim=dim, heads=_heads(dim),
        ffn_dim=2 * dim, layers=recipe.tiny_beit_layers, text_positions=_TINY_PHRASE,
    )  # fmt: skip
    config = _evf(recipe, beit3, recipe.tiny_decoder_dim)
    return Sizes(Recognised(Family.EVF_SAM, _tiny_sam(recipe), config), PRESETS[Family.EVF_SAM])


def _tiny_sam(recipe: EvfRecipe) -> SamConfig:
    sam_dim, decoder = recipe.tiny_sam_dim, recipe.tiny_decoder_dim
    vit = VitConfig(
        image_size=recipe.tiny_canvas, dim=sam_dim, depth=recipe.tiny_sam_layers,
        heads=_heads(sam_dim), mlp=2 * sam_dim, window=recipe.tiny_canvas // STRIDE,
        global_blocks=tuple(range(recipe.tiny_sam_layers)), out_dim=decoder,
    )  # fmt: skip
    sizes = DecoderConfig(heads=_heads(decoder // 2), mlp=2 * decoder, iou_hidden=decoder)
    return SamConfig(vit, sizes)


def _heads(dim: int) -> int:
    """Attention heads: a divisor of the width."""
    wanted = max(1, dim // _HEAD)
    return next(heads for heads in range(wanted, 0, -1) if dim % heads == 0)


def _joined(recipe: EvfRecipe, files: FirstFiles) -> Sizes:
    if files.sam is None or files.beit3 is None:
        raise WeightsError(
            "first weights", expected="--sam and --beit3, or --start, or --tiny", actual="none"
        )
    sam = _recognised_sam(files.sam)
    family = _SPOKEN[sam.family]
    config = _evf(recipe, _beit3(files.beit3), sam.visual.dim)
    return Sizes(Recognised(family, sam.visual, config), _preset(family))


def _recognised_sam(path: Path) -> Recognised:
    sam = _recognised(path)[0]
    if sam.family not in _SPOKEN:
        expected = " or ".join(_SPOKEN)
        raise WeightsError("--sam", expected=expected, actual=sam.family, path=path)
    return sam


def _preset(family: Family) -> Preset:
    """What the trained network expects: one resize, one mask (SAM 2's three are not trained)."""
    usual = EVF_SAM2_MULTITASK if family is Family.EVF_SAM2 else PRESETS[family]
    return replace(usual, multimask_text=False, semantic=True)


def _beit3(path: Path) -> Beit3Config:
    try:
        return beit3_config(Keys(open_weights(path).shapes, BEIT3), Stated())
    except WeightsError as error:
        raise WeightsError(
            "--beit3", expected=error.expected, actual=error.actual, path=path
        ) from error


def _fine_tuned(recipe: EvfRecipe, path: Path) -> Sizes:
    recognised, preset = _recognised(path)
    if recognised.evf is None:
        raise WeightsError("--start", expected="an EVF-SAM", actual=recognised.family, path=path)
    wanted = _evf(recipe, recognised.evf.beit3, recognised.evf.out_dim)
    if wanted != recognised.evf:
        told = f"the recipe's {_told(wanted)}"
        raise WeightsError("--start", expected=told, actual=_told(recognised.evf), path=path)
    return Sizes(recognised, replace(preset, multimask_text=False, semantic=True))


def _told(config: EvfConfig) -> str:
    return f"{config.fusion} fusion, {config.early_layers or 'all'} layers, {config.feature}"


def _recognised(path: Path) -> tuple[Recognised, Preset]:
    weights = open_weights(path)
    stated = stated_by(weights)
    recognised = recognise(weights.shapes, stated, path)
    return recognised, preset_of(recognised.family, stated, published_as(path))
