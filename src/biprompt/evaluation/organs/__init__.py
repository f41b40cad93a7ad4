"""The organs protocol: ask slices of CT volumes for organs, those that are not there as well.

Organ-Seg (Iftee et al.), Tables II and III and Figure 2, with the refusals that they do not report.
`opening` chooses slices, `questions` words what is asked, `measuring` asks and leaves `record`,
`summary` counts it, and `page`, `tables`, `beside` and `gallery` write it down.
"""

from __future__ import annotations

from biprompt.evaluation.organs.opening import open_study
from biprompt.evaluation.organs.protocol import Organs
from biprompt.evaluation.organs.questions import Question, Told, questions_of
from biprompt.evaluation.organs.record import OrgansRun
from biprompt.evaluation.organs.summary import summarize

__all__ = ["Organs", "OrgansRun", "Question", "Told", "open_study", "questions_of", "summarize"]
