"""The open-vocabulary protocol: every class of a set by its name, composed into one label map.

mIoU, pixel accuracy, FB-IoU and hIoU (survey, eqs. 27 to 29). `opening` reads the set and `splits`
what is unseen, `composing` makes label maps, `measuring` asks and leaves `record`, `summary` counts
it, and `page`, `tables`, `beside` and `gallery` write it down.
"""

from __future__ import annotations

from biprompt.evaluation.open_vocabulary.opening import open_study
from biprompt.evaluation.open_vocabulary.protocol import OpenVocabulary
from biprompt.evaluation.open_vocabulary.record import VARIANTS, Classes, MapRun
from biprompt.evaluation.open_vocabulary.summary import summarize

__all__ = ["VARIANTS", "Classes", "MapRun", "OpenVocabulary", "open_study", "summarize"]
