"""Who answers without looking, by what it is told."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.errors import PromptError
from biprompt.evaluation.absence.baselines import always
from biprompt.evaluation.baselines import Painted, baselines, grabcut_baselines
from biprompt.evaluation.model import Contender
from biprompt.evaluation.organs.questions import Told
from biprompt.prompts import Prompt

FULL_BOX = "the whole box"


def full_box(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Return one mask, all of the box.

    Raises:
        PromptError: no box was given.
    """
    if prompt.box is None:
        raise PromptError("prompt", expected="a box", actual="none")
    x0, y0, x1, y1 = prompt.box.xyxy
    mask = np.zeros(hw, np.bool_)
    mask[int(np.floor(y0)) : int(np.ceil(y1)), int(np.floor(x0)) : int(np.ceil(x1))] = True
    return [mask]


def blind(told: Told) -> Sequence[Contender]:
    """Return the baselines; with questions, one always answers and one always refuses."""
    if told is Told.QUESTION:
        return always()
    if told is Told.CLICK:
        return baselines()
    return (Contender(FULL_BOX, FULL_BOX, Painted(FULL_BOX, full_box)), *grabcut_baselines())
