"""The absence protocol: ask every photograph for every name, there or not (R-SIS).

Choi and Park 2024, Rethinking Text-Promptable Surgical Instrument Segmentation, ask every frame for
every instrument; here any set serves that tells what is not there: folders in which every instance
is labelled, semantic sets, and sentences that mean nothing in their image. `photographs` says what
is asked, `opening` reads it, `protocol` asks, `summary` and `thresholds` sum up, `page` writes it
down.
"""

from __future__ import annotations

from biprompt.evaluation.absence.opening import DATASETS, Opened, open_photographs
from biprompt.evaluation.absence.photographs import Described, Labelled, Photograph, Question
from biprompt.evaluation.absence.protocol import Absence, checked_template
from biprompt.evaluation.absence.record import AbsenceRun
from biprompt.evaluation.absence.summary import summarize

__all__ = [
    "DATASETS",
    "Absence",
    "AbsenceRun",
    "Described",
    "Labelled",
    "Opened",
    "Photograph",
    "Question",
    "checked_template",
    "open_photographs",
    "summarize",
]
