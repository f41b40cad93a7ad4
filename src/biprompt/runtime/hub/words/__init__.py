"""Models of transformers that read words: phrases as maps, or as boxes for what outlines them."""

from __future__ import annotations

from biprompt.runtime.hub.words.boxed import BoxedRuntime
from biprompt.runtime.hub.words.clipseg import ClipSegRuntime
from biprompt.runtime.hub.words.grounding_dino import GroundingDinoDetector
from biprompt.runtime.hub.words.owlv2 import Owlv2Detector
from biprompt.runtime.hub.words.sam3 import Sam3Words

__all__ = [
    "BoxedRuntime",
    "ClipSegRuntime",
    "GroundingDinoDetector",
    "Owlv2Detector",
    "Sam3Words",
]
