"""The few-shot protocol: here is the class in other images, where is it in this one.

mIoU over classes and FB-IoU by fold (survey, section 2.4). `opening` draws episodes, `asking` words
them as examples or as the class's name, `measuring` leaves `record`, `summary` counts it, and
`page`, `tables`, `beside` and `gallery` write it down.
"""

from __future__ import annotations

from biprompt.evaluation.few_shot.asking import Told
from biprompt.evaluation.few_shot.opening import open_study
from biprompt.evaluation.few_shot.protocol import FewShot
from biprompt.evaluation.few_shot.record import Drawn, EpisodeRun
from biprompt.evaluation.few_shot.summary import summarize

__all__ = ["Drawn", "EpisodeRun", "FewShot", "Told", "open_study", "summarize"]
