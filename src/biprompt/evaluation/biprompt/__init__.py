"""The BiPrompt protocol: one click, the name, and the gate between both experts.

BiPrompt-SAM, Tables 1 to 4, for any labelled folder, EndoVis17 and RefCOCO. `cases` says what is
asked about, `asking` how, `answers` asks, `rows` and `joined` compare with the truth, `runs` keeps
what came of it, `summary` and `frames` sum up, `page`, `tables` and `ours` write it down.
"""

from __future__ import annotations

from biprompt.evaluation.biprompt.asking import PAPER_TEMPLATES, TEMPLATES, Asking
from biprompt.evaluation.biprompt.opening import open_study, read_templates
from biprompt.evaluation.biprompt.ours import ENDOVIS
from biprompt.evaluation.biprompt.points import POINTS
from biprompt.evaluation.biprompt.protocol import BiPrompt
from biprompt.evaluation.biprompt.rows import MEASURES
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.evaluation.biprompt.summary import GAINS, summarize

__all__ = [
    "ENDOVIS",
    "GAINS",
    "MEASURES",
    "PAPER_TEMPLATES",
    "POINTS",
    "TEMPLATES",
    "Asking",
    "BiPrompt",
    "DualRun",
    "open_study",
    "read_templates",
    "summarize",
]
