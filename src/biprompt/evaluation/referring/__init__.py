"""The referring protocol: words in, one mask out, by sentence, by class or by thing.

`opening` turns a data set into `questions` (whose masks `truth` decodes), `measuring` asks them by
`asking` and leaves `records`, `summary` counts them with the intervals of `ratios` and by `kinds`,
and `page`, `tables`, `beside` and `gallery` write it down.
"""

from __future__ import annotations

from biprompt.evaluation.referring.opening import open_study
from biprompt.evaluation.referring.protocol import Referring
from biprompt.evaluation.referring.questions import Question, Reading
from biprompt.evaluation.referring.records import ReferringRun
from biprompt.evaluation.referring.summary import summarize

__all__ = ["Question", "Reading", "Referring", "ReferringRun", "open_study", "summarize"]
