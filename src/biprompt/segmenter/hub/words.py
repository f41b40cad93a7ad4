"""The adapters of the families that read words, and of those that learn from examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from biprompt.experts.words import TokenReader
from biprompt.runtime.base import Reader, Runtime
from biprompt.runtime.hub.seggpt import SegGptRuntime
from biprompt.runtime.hub.words import (
    BoxedRuntime,
    ClipSegRuntime,
    GroundingDinoDetector,
    Owlv2Detector,
    Sam3Words,
)
from biprompt.runtime.hub.words.detections import Detector
from biprompt.runtime.torch import Place
from biprompt.zoo.hub import HubFamily, HubFolder
from biprompt.zoo.hub.opening import open_network, version_of
from biprompt.zoo.hub.tokens import HubTokenizer

Words = Callable[[HubFolder, Place, Runtime | None], tuple[Runtime, Reader]]
Examples = Callable[[HubFolder, Place], Runtime]

PREPROCESSING = "1"
"""Changes when an image would reach a network in another form; part of the version."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A folder that is open.

    Attributes:
        given: what every adapter takes: name, version, place, network and settings.
        config: of the network.
    """

    given: tuple[str, str, Place, Any, Mapping[str, Any]]
    config: Any

    @classmethod
    def of(cls, folder: HubFolder, place: Place, kind: str) -> _Opened:
        model, settings = open_network(folder, kind), folder.settings
        version = version_of(model, f"{PREPROCESSING} {sorted(settings.items())}")
        name = folder.name if folder.spec else folder.path.name
        return cls((name, version, place, model, settings), model.config)


def _reader(folder: HubFolder, most: int, words: int) -> Reader:
    return TokenReader(HubTokenizer(folder.path, folder.family, most, words))


def _clipped(folder: HubFolder, opened: _Opened) -> Reader:
    """Reads phrases for a text encoder in the manner of CLIP."""
    text = opened.config.text_config
    return _reader(folder, int(text.max_position_embeddings), int(text.vocab_size))


def _clipseg(folder: HubFolder, place: Place, points: Runtime | None) -> tuple[Runtime, Reader]:
    opened = _Opened.of(folder, place, "CLIPSegForImageSegmentation")
    reader = _clipped(folder, opened)
    return ClipSegRuntime(*opened.given), reader


def _sam3(folder: HubFolder, place: Place, points: Runtime | None) -> tuple[Runtime, Reader]:
    opened = _Opened.of(folder, place, "Sam3Model")
    reader = _clipped(folder, opened)
    return Sam3Words(*opened.given), reader


def _owlv2(folder: HubFolder, place: Place, points: Runtime | None) -> tuple[Runtime, Reader]:
    opened = _Opened.of(folder, place, "Owlv2ForObjectDetection")
    reader = _clipped(folder, opened)
    return _joined(points, Owlv2Detector(*opened.given)), reader


def _grounding_dino(
    folder: HubFolder, place: Place, points: Runtime | None
) -> tuple[Runtime, Reader]:
    opened = _Opened.of(folder, place, "GroundingDinoForObjectDetection")
    config = opened.config
    reader = _reader(folder, int(config.max_text_len), int(config.text_config.vocab_size))
    return _joined(points, GroundingDinoDetector(*opened.given)), reader


def _joined(points: Runtime | None, detector: Detector) -> Runtime:
    """A detector beside what outlines its boxes: the embedded model, where nothing else is given.

    Raises:
        ModelError: what is given answers no boxes.
    """
    if points is None:
        from biprompt.runtime.onnx import OnnxRuntime
        from biprompt.zoo.registry import find_model

        points = OnnxRuntime(find_model("compact").folder)
    return BoxedRuntime(points, detector)


def _seggpt(folder: HubFolder, place: Place) -> Runtime:
    return SegGptRuntime(*_Opened.of(folder, place, "SegGptForImageSegmentation").given)


WORDS: Mapping[HubFamily, Words] = MappingProxyType(
    {
        HubFamily.CLIPSEG: _clipseg,
        HubFamily.GROUNDING_DINO: _grounding_dino,
        HubFamily.OWLV2: _owlv2,
        HubFamily.SAM3: _sam3,
    }
)
"""What loads a family to read words. It is given what is pointed with, None where there is nothing
else; a family that only finds boxes (`HubFamily.detects`) returns both joined to one runtime."""
EXAMPLES: Mapping[HubFamily, Examples] = MappingProxyType({HubFamily.SEGGPT: _seggpt})
"""What loads a family with an example expert of its own."""
