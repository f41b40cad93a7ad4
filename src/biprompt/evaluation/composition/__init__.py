"""The composition protocol: are several prompts at least as good as the best one of them?

Promptable Image Segmentation, a Survey of Guided Input Techniques, eq. 12. Every set of prompts out
of a click, a box, the name and a scribble is given on the same objects: `prompts` draws them from
the truth, `protocol` asks and sums up, `page` writes it down, `command` does all of it on a folder.
"""

from __future__ import annotations

from biprompt.evaluation.composition.command import compose
from biprompt.evaluation.composition.prompts import KINDS, checked_kinds, draw
from biprompt.evaluation.composition.protocol import CompositionRun, measure, summarize

__all__ = [
    "KINDS",
    "CompositionRun",
    "checked_kinds",
    "compose",
    "draw",
    "measure",
    "summarize",
]
