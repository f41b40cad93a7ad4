"""The interactive protocol: click on the largest error, again and again.

NoC and NoF at four IoUs, IoU after k clicks, the candidates of the first click. `clicking` places
the clicks and asks, `protocol` says whom and keeps what came of it, `summary` sums up, `page`
writes it down; `timing` and `cases` ask once more, for the seconds and the pictures.
"""

from __future__ import annotations

from biprompt.evaluation.interactive.asking import ClickRun
from biprompt.evaluation.interactive.clicking import CLICKS, SAMPLERS, Clicking, turns
from biprompt.evaluation.interactive.protocol import Interactive
from biprompt.evaluation.interactive.summary import correlation, summarize

__all__ = [
    "CLICKS",
    "SAMPLERS",
    "ClickRun",
    "Clicking",
    "Interactive",
    "correlation",
    "summarize",
    "turns",
]
