"""The composition protocol: are several prompts at least as good as the best one of them?

Promptable Image Segmentation, a Survey of Guided Input Techniques, eq. 12. Every set of prompts out
of a click, a box, the name and a scribble is given on the same objects: `prompts` draws them from
the truth, `protocol` asks and sums up, `page` writes it down.
"""

from __future__ import annotations

from biprompt.evaluation.composition.prompts import KINDS, checked_kinds, draw
from biprompt.evaluation.composition.protocol import Composition, CompositionRun, summarize

__all__ = ["KINDS", "Composition", "CompositionRun", "checked_kinds", "draw", "summarize"]
