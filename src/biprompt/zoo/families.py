"""The families of published networks, and how each expects its image. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

Resize = Literal["longest", "square", "square_pil", "longest_then_square"]
Pixels = Literal["imagenet", "unit", "half"]

_SPATIAL = ("points", "box", "scribbles", "polygon", "mask")


class Family(StrEnum):
    """What a checkpoint is; told from its keys alone."""

    SAM = "sam"
    SAM_HQ = "sam-hq"
    MOBILE_SAM = "mobile-sam"
    EFFICIENT_SAM = "efficient-sam"
    SAM2 = "sam2"
    EDGE_TAM = "edgetam"
    EVF_SAM = "evf-sam"
    EVF_EFFICIENT_SAM = "evf-efficient-sam"
    EVF_SAM2 = "evf-sam2"

    @property
    def takes_text(self) -> bool:
        """Whether it is an EVF-SAM: a SAM with BEiT-3 before it."""
        return self in _VISUAL

    @property
    def visual(self) -> Family:
        """The family of the part that looks at the image; itself where there is no other part."""
        return _VISUAL.get(self, self)

    @property
    def prompts(self) -> tuple[str, ...]:
        """The kinds of prompt it answers."""
        if self.takes_text:
            return ("text",)
        return _WITHOUT_MASK if self is Family.EFFICIENT_SAM else _SPATIAL


_VISUAL = {
    Family.EVF_SAM: Family.SAM,
    Family.EVF_EFFICIENT_SAM: Family.EFFICIENT_SAM,
    Family.EVF_SAM2: Family.SAM2,
}
# EfficientSAM has no weights that read a mask.
_WITHOUT_MASK = tuple(kind for kind in _SPATIAL if kind != "mask")


@dataclass(frozen=True, slots=True)
class Preset:
    """What no weight tells of a checkpoint: how its images were made, and what it was asked.

    Attributes:
        resize: how the image comes to the square canvas, a value of
            `~biprompt.models.preprocess.SamResize`.
        multimask_text: a phrase is answered by the best of three masks, not by the single one.
        semantic: the phrase prefix "[semantic] " is known.
        pixels: how its numbers are scaled, a value of `~biprompt.models.preprocess.SamPixels`.
    """

    resize: Resize = "longest"
    multimask_text: bool = False
    semantic: bool = False
    pixels: Pixels = "imagenet"


# EVF-SAM changed its preprocessing at commit 9d00853 (2024-09-22): later checkpoints, named
# "multitask", know more, and those of SAM 2 take one resize and three masks where there were two
# resizes and one mask.
EVF_SAM_FIRST = Preset()
EVF_SAM_MULTITASK = Preset(semantic=True)
EVF_SAM2_FIRST = Preset(resize="longest_then_square")
EVF_SAM2_MULTITASK = Preset(resize="square", multimask_text=True, semantic=True)

PRESETS: Mapping[Family, Preset] = MappingProxyType(
    {
        Family.SAM: Preset(),
        Family.SAM_HQ: Preset(),
        Family.MOBILE_SAM: Preset(),
        Family.EFFICIENT_SAM: Preset(resize="square"),
        Family.SAM2: Preset(resize="square"),
        Family.EDGE_TAM: Preset(resize="square_pil"),
        Family.EVF_SAM: EVF_SAM_MULTITASK,
        Family.EVF_EFFICIENT_SAM: Preset(resize="square"),
        Family.EVF_SAM2: EVF_SAM2_MULTITASK,
    }
)
"""For a checkpoint of which nothing but the family is known: the newest generation."""
