"""Part, object, whole: the candidates of one click as a ladder from small to large.

A click may mean a part, the thing or the whole that it belongs to. Segment Anything (Kirillov et
al. 2023) answers it with three masks for that reason, as nested things are seldom more than three
deep; Semantic-SAM (survey reference 224) trains one mask for each level. Neither says which of a
model's masks is which, so they are told apart by their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.masks import iou_matrix

Granularity = Literal["part", "object", "whole"]
"""How much of what lies under a click is meant."""

GRANULARITIES: Final[tuple[Granularity, ...]] = get_args(Granularity)

ALIKE: Final = 0.9
"""IoU from which two masks are one step of the ladder, not two."""


def check_granularity(value: object) -> None:
    """Raise InputError unless `value` is a granularity or None."""
    if value is not None and value not in GRANULARITIES:
        expected = ", ".join(map(repr, GRANULARITIES))
        raise InputError("granularity", expected=expected, actual=repr(value))


def ladder(masks: npt.NDArray[np.bool_], scores: Sequence[float]) -> list[int]:
    """Order masks from small to large; of those that are alike, the best stays.

    Args:
        masks: (K, H, W) bool, one frame; K may be 0.
        scores: (K,) predicted IoU.

    Returns:
        Indices of the masks that are not empty and differ by more than `ALIKE`.

    Raises:
        InputError: the shapes do not fit.
    """
    overlaps = iou_matrix(masks, masks)
    areas = np.count_nonzero(masks, axis=(1, 2))
    kept: list[int] = []
    for place in sorted(range(len(masks)), key=lambda k: -float(scores[k])):
        if areas[place] and all(overlaps[place, other] < ALIKE for other in kept):
            kept.append(place)
    return sorted(kept, key=lambda k: (int(areas[k]), k))


def level(rungs: Sequence[int], scores: Sequence[float], granularity: Granularity) -> int:
    """Choose a rung of a ladder: the first, the middle or the last one.

    Args:
        rungs: what `ladder` gave, at least one.
        scores: (K,) predicted IoU of all masks. Of two rungs in the middle, that of the higher
            predicted IoU is the object; the smaller one where they are equal.
        granularity: "part", "object" or "whole".

    Raises:
        InputError: another granularity, or no rung.
    """
    check_granularity(granularity)
    if not rungs:
        raise InputError("candidates", expected="one that is not empty", actual="none")
    if granularity != "object":
        return rungs[0 if granularity == "part" else -1]
    middle = rungs[(len(rungs) - 1) // 2 : len(rungs) // 2 + 1]
    return max(middle, key=lambda place: float(scores[place]))
