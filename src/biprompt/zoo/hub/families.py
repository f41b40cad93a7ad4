"""The families that transformers runs, and what each is asked. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a model is asked with."""

    POINTS = "points"
    WORDS = "words"
    BOTH = "both"
    EXAMPLES = "examples"

    @property
    def prompts(self) -> tuple[str, ...]:
        """The kinds of prompt it answers."""
        return _PROMPTS[self]

    @property
    def reads_words(self) -> bool:
        """Whether it may stand for a text expert."""
        return self in (Role.WORDS, Role.BOTH)


class HubFamily(StrEnum):
    """What a folder holds; told from the ``model_type`` of its ``config.json``."""

    SAM3 = "sam3"
    CLIPSEG = "clipseg"
    GROUNDING_DINO = "grounding-dino"
    OWLV2 = "owlv2"
    SEGGPT = "seggpt"

    @property
    def detects(self) -> bool:
        """Whether it finds boxes only, so that a model that is pointed with must outline them."""
        return self in (HubFamily.GROUNDING_DINO, HubFamily.OWLV2)


_SPATIAL = ("points", "box", "scribbles", "polygon", "mask")
_PROMPTS = {
    Role.POINTS: _SPATIAL,
    Role.WORDS: ("text",),
    Role.BOTH: (*_SPATIAL, "text"),
    Role.EXAMPLES: ("examples",),
}

# SAM 3 is published as the model for video; its detector and its tracker are one half each.
MODEL_TYPES: Mapping[str, tuple[HubFamily, Role]] = MappingProxyType(
    {
        "sam3_video": (HubFamily.SAM3, Role.BOTH),
        "sam3": (HubFamily.SAM3, Role.WORDS),
        "sam3_tracker": (HubFamily.SAM3, Role.POINTS),
        "sam3_tracker_video": (HubFamily.SAM3, Role.POINTS),
        "clipseg": (HubFamily.CLIPSEG, Role.WORDS),
        "grounding-dino": (HubFamily.GROUNDING_DINO, Role.WORDS),
        "owlv2": (HubFamily.OWLV2, Role.WORDS),
        "seggpt": (HubFamily.SEGGPT, Role.EXAMPLES),
    }
)
"""Families and roles by the ``model_type`` that `save_pretrained` writes."""
