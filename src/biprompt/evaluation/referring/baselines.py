"""Who answers without looking or listening: what a number must be above to mean something."""

from __future__ import annotations

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.evaluation.baselines import Painted, whole_image
from biprompt.evaluation.model import Contender
from biprompt.prompts import Prompt

AXES = 1 / 2
"""Length of the ellipse's axes, in sides of the image: it covers a fifth of it."""


def ellipse(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Return one mask, an ellipse in the middle of the image."""
    rows, columns = ((np.arange(side) + 0.5) / side - 0.5 for side in hw)
    return [rows[:, None] ** 2 + columns**2 <= (AXES / 2) ** 2]


def nothing(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Return one empty mask: it is never there."""
    return [np.zeros(hw, np.bool_)]


def baselines(*, refusing: bool) -> tuple[Contender, ...]:
    """Return the baselines; one that always refuses where refusals count."""
    painters = {"whole image": whole_image, "ellipse in the middle": ellipse}
    if refusing:
        painters["always refuses"] = nothing
    return tuple(Contender(name, name, Painted(name, paint)) for name, paint in painters.items())
