"""Answers: the mask, the verdict, and the selection card that says why. Frozen values.

Frame: pixels of the original image. Nothing is copied: an answer shares its arrays with whoever
made it, so treat them as read-only.
"""

from __future__ import annotations

from biprompt.results.card import Candidate, SelectionCard, Source, Verdict
from biprompt.results.label_map import ClassFacts, LabelMap
from biprompt.results.levels import GRANULARITIES, Granularity, ladder, level
from biprompt.results.segmentation import Segmentation

__all__ = [
    "GRANULARITIES",
    "Candidate",
    "ClassFacts",
    "Granularity",
    "LabelMap",
    "Segmentation",
    "SelectionCard",
    "Source",
    "Verdict",
    "ladder",
    "level",
]
