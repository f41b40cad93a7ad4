"""Who answers without looking: the masks of the examples pasted, and the whole image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.evaluation.baselines import WHOLE, Painted, whole_image
from biprompt.evaluation.few_shot.asking import Told
from biprompt.evaluation.model import Contender
from biprompt.evaluation.referring.baselines import baselines
from biprompt.masks import bbox_xyxy
from biprompt.prompts import Prompt

AT_ITS_PLACE, IN_THE_MIDDLE = "examples' mask at its place", "examples' mask in the middle"


def resized(mask: BoolMask, hw: tuple[int, int]) -> BoolMask:
    """Return a mask stretched to a size, (H, W) bool, nearest pixels."""
    rows, columns = (
        np.minimum((np.arange(to) + 0.5) * side / to, side - 1).astype(np.intp)
        for side, to in zip(mask.shape, hw, strict=True)
    )
    return mask[np.ix_(rows, columns)]


def centred(mask: BoolMask) -> BoolMask:
    """Move a mask so that its box lies in the middle of the image, (H, W) bool."""
    if not mask.any():
        return mask
    x0, y0, x1, y1 = bbox_xyxy(mask)
    height, width = mask.shape
    moved = np.zeros_like(mask)
    top, left = (height - (y1 - y0)) // 2, (width - (x1 - x0)) // 2
    moved[top : top + y1 - y0, left : left + x1 - x0] = mask[y0:y1, x0:x1]
    return moved


def at_its_place(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Return where half of the examples or more have the class, stretched to the image."""
    return [_most([resized(each.mask, hw) for each in prompt.examples])]


def in_the_middle(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Return the same of masks that were moved to the middle before."""
    return [_most([centred(resized(each.mask, hw)) for each in prompt.examples])]


def blind(told: Told) -> tuple[Contender, ...]:
    """Return the baselines; the examples' masks are theirs only where examples are shown."""
    if told is Told.NAME:
        return baselines(refusing=False)
    painters = {AT_ITS_PLACE: at_its_place, IN_THE_MIDDLE: in_the_middle, WHOLE: whole_image}
    return tuple(Contender(name, name, Painted(name, paint)) for name, paint in painters.items())


def _most(masks: Sequence[BoolMask]) -> BoolMask:
    found: BoolMask = np.mean(masks, axis=0) >= 0.5
    return found
