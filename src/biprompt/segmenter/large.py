"""From checkpoints to two experts that look at the image once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from biprompt.errors import WeightsError
from biprompt.experts.words import TokenReader
from biprompt.models.efficient_sam import EfficientSamConfig
from biprompt.models.evf import EvfSam
from biprompt.models.preprocess import SamPixels, SamResize
from biprompt.runtime.base import Phrase, Reader, Runtime
from biprompt.runtime.pair import PairRuntime
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
        runtime = _runtime(parts.name, place, [first], points, words)
        return runtime, _reader(first) if words is not None else NoReader()
    text = _loaded(parts.text, place)
    _check_roles(first, text)
    if first.recognised.visual.image_size != text.recognised.visual.image_size:
        return _apart(parts.name, place, first, text), _reader(text)
    return _runtime(parts.name, place, [first, text], *_pair(first, text)), _reader(text)


def _runtime(
    name: str, place: Place, loaded: Sequence[LoadedCheckpoint],
    points: PointExpert | None, words: TextExpert | None,
) -> TorchRuntime:  # fmt: skip
    version = "-".join((*(one.version for one in loaded), PREPROCESSING))
    return TorchRuntime(name, version, place, points=points, words=words)


def _apart(name: str, place: Place, first: LoadedCheckpoint, text: LoadedCheckpoint) -> PairRuntime:
    """Two networks that answer on grids of their own."""
    pointed = _runtime(name, place, [first], _pointed(_sight("image", first), first), None)
    words = _text_expert(_sight("words", text), _evf(text), text.preset)
    return PairRuntime(name, pointed, _runtime(name, place, [text], None, words))


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


def _check_roles(first: LoadedCheckpoint, text: LoadedCheckpoint) -> None:
    if isinstance(first.model, EvfSam):
        expected = "a model to point with, such as sam-vit-h"
        raise WeightsError("model", expected=expected, actual=first.family, path=first.path)
    if not isinstance(text.model, EvfSam):
        expected = "one that reads words, such as evf-sam"
        raise WeightsError("text model", expected=expected, actual=text.family, path=text.path)


def _pair(first: LoadedCheckpoint, text: LoadedCheckpoint) -> tuple[PointExpert, TextExpert]:
    sight, other, evf = _sight("image", first), _sight("words", text), _evf(text)
    shared = _same_view(first.preset, text.preset) and share_encoder(first.model, evf.visual_model)
    words = _text_expert(sight if shared else other, evf, text.preset)
    return _pointed(sight, first), words


def _evf(one: LoadedCheckpoint) -> EvfSam:
    return cast(EvfSam, one.model)


def _text_expert(sight: Sight, model: EvfSam, preset: Preset) -> TextExpert:
    return TextExpert(sight, model, preset.multimask_text, preset.semantic)


def _pointed(sight: Sight, one: LoadedCheckpoint) -> PointExpert:
    visual = one.recognised.visual
    most = visual.max_points if isinstance(visual, EfficientSamConfig) else None
    return PointExpert(sight, sight.model, "mask" in one.family.visual.prompts, most)


def _same_view(a: Preset, b: Preset) -> bool:
    return (a.resize, a.pixels) == (b.resize, b.pixels)


def _sight(name: str, one: LoadedCheckpoint) -> Sight:
    model = one.model.visual_model if isinstance(one.model, EvfSam) else one.model
    preset = one.preset
    # Every family but EVF-SAM is Promptable by itself; EVF-SAM's own SAM was taken above.
    return Sight(name, model, SamResize(preset.resize), SamPixels(preset.pixels))  # type: ignore[arg-type]


def _reader(one: LoadedCheckpoint) -> Reader:
    if one.tokenizer is None:
        raise WeightsError(
            "tokenizer", expected=f"{TOKENIZER} beside the weights", actual="none", path=one.path
        )
    return TokenReader(Tokenizer.from_file(one.tokenizer))


class NoReader:
    """For a model that reads no words: the segmenter refuses them before they come here."""

    def read(self, text: str) -> Phrase:
        """Refuse.

        Raises:
            WeightsError: always.
        """
        raise WeightsError("text", expected="a model that reads words", actual=text)
