"""From checkpoints to two experts that look at the image once."""

from __future__ import annotations

from biprompt.errors import WeightsError
from biprompt.experts.words import TokenReader
from biprompt.models.evf import EvfSam
from biprompt.models.preprocess import SamPixels, SamResize
from biprompt.runtime.base import Phrase, Reader, Runtime
from biprompt.runtime.torch import (
    Place,
    PointExpert,
    Sight,
    TextExpert,
    TorchRuntime,
    share_encoder,
)
from biprompt.zoo.build import LoadedCheckpoint, load_checkpoint
from biprompt.zoo.families import Family, Preset
from biprompt.zoo.folders import TOKENIZER
from biprompt.zoo.pairs import Part, Parts
from biprompt.zoo.tokenizer import Tokenizer

PREPROCESSING = "1"
"""Changes when an image would reach an encoder in another form; part of the version."""


def load_parts(parts: Parts, place: Place) -> tuple[Runtime, Reader]:
    """Load the checkpoints of a model; an image encoder that both hold is kept once.

    Args:
        parts: where the checkpoints are.
        place: device and precision.

    Raises:
        WeightsError: a file is damaged, the text expert reads no words, what should be pointed
            with reads only words, or the tokenizer is missing.
        ModelError: the memory is not enough.
    """
    first = _loaded(parts.first, place)
    if parts.text is None:
        points, words = _alone(first)
        loaded = [first]
    else:
        loaded = [first, _loaded(parts.text, place)]
        points, words = _pair(*loaded)
    tokens = _tokens(loaded[-1]) if words is not None else None
    version = "-".join((*(one.version for one in loaded), PREPROCESSING))
    runtime = TorchRuntime(parts.name, version, place, points=points, words=words)
    return runtime, _NoReader() if tokens is None else TokenReader(tokens)


def _loaded(part: Part, place: Place) -> LoadedCheckpoint:
    return load_checkpoint(part.path, expect=part.expected, working=place.dtype)


def _alone(one: LoadedCheckpoint) -> tuple[PointExpert | None, TextExpert | None]:
    """A single checkpoint: it is pointed with, or reads words, or both.

    EVF-SAM tunes SAM's decoder for words, so clicks would suffer; EVF-SAM2 leaves SAM 2 as it is.
    """
    sight = _sight("image", one)
    if not isinstance(one.model, EvfSam):
        return _pointed(sight, one), None
    words = _text_expert(sight, one.model, one.preset)
    both = one.family is Family.EVF_SAM2
    return (_pointed(sight, one) if both else None), words


def _pair(
    first: LoadedCheckpoint, text: LoadedCheckpoint
) -> tuple[PointExpert | None, TextExpert | None]:
    if isinstance(first.model, EvfSam):
        expected = "a model to point with, such as sam-vit-h"
        raise WeightsError("model", expected=expected, actual=first.family, path=first.path)
    if not isinstance(text.model, EvfSam):
        expected = "one that reads words, such as evf-sam"
        raise WeightsError("text model", expected=expected, actual=text.family, path=text.path)
    sight, other = _sight("image", first), _sight("words", text)
    _check_sizes(sight.model.image_size, other.model.image_size, first, text)
    shared = _same_view(first.preset, text.preset) and share_encoder(
        first.model, text.model.visual_model
    )
    words = _text_expert(sight if shared else other, text.model, text.preset)
    return _pointed(sight, first), words


def _text_expert(sight: Sight, model: EvfSam, preset: Preset) -> TextExpert:
    return TextExpert(sight, model, preset.multimask_text, preset.semantic)


def _check_sizes(
    pointed: int, worded: int, first: LoadedCheckpoint, text: LoadedCheckpoint
) -> None:
    """Both experts answer on one grid of cells; all published networks have the same."""
    if pointed != worded:
        expected = f"a network that sees {pointed} pixels, as {first.path}"
        raise WeightsError("text model", expected=expected, actual=worded, path=text.path)


def _pointed(sight: Sight, one: LoadedCheckpoint) -> PointExpert:
    return PointExpert(sight, sight.model, masks="mask" in one.family.visual.prompts)


def _same_view(a: Preset, b: Preset) -> bool:
    return (a.resize, a.pixels) == (b.resize, b.pixels)


def _sight(name: str, one: LoadedCheckpoint) -> Sight:
    model = one.model.visual_model if isinstance(one.model, EvfSam) else one.model
    preset = one.preset
    # Every family but EVF-SAM is Promptable by itself; EVF-SAM's own SAM was taken above.
    return Sight(name, model, SamResize(preset.resize), SamPixels(preset.pixels))  # type: ignore[arg-type]


def _tokens(one: LoadedCheckpoint) -> Tokenizer:
    if one.tokenizer is None:
        raise WeightsError(
            "tokenizer", expected=f"{TOKENIZER} beside the weights", actual="none", path=one.path
        )
    return Tokenizer.from_file(one.tokenizer)


class _NoReader:
    """For a model that reads no words: the segmenter refuses them before they come here."""

    def read(self, text: str) -> Phrase:
        raise WeightsError("text", expected="a model that reads words", actual=text)
