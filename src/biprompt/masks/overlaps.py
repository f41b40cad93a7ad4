"""Masks that overlap: which of them keeps a pixel that several claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError

Overlap = Literal["keep", "highest", "smaller-on-top"]
"""keep: masks may overlap. highest: the highest score takes the pixel. smaller-on-top: the smallest
mask does."""

OVERLAPS: tuple[Overlap, ...] = get_args(Overlap)


def owners(masks: ArrayLike, scores: ArrayLike) -> NDArray[np.int32]:
    """Return which mask owns each pixel: the one with the highest score among those that claim it.

    Args:
        masks: (N, H, W) bool; N may be 0.
        scores: (N,) numbers; of equal ones the earlier mask wins, NaN loses against any number.

    Returns:
        (H, W) int32: 0 where no mask is set, else 1 + the mask's place.

    Raises:
        InputError: another shape or dtype.
    """
    stack, ranks = np.asarray(masks), np.asarray(scores, np.float64)
    if stack.ndim != 3 or stack.dtype != np.bool_:
        actual = f"shape {stack.shape} of {stack.dtype}"
        raise InputError("masks", expected="shape (N, H, W) of bool", actual=actual)
    if ranks.shape != stack.shape[:1]:
        raise InputError("scores", expected=f"shape {stack.shape[:1]}", actual=ranks.shape)
    found = np.zeros(stack.shape[1:], np.int32)
    # The last one painted stays: from the lowest score up, of equal ones the earliest last.
    places = np.arange(len(ranks))
    for place in np.lexsort((-places, np.where(np.isnan(ranks), -np.inf, ranks))):
        found[stack[place]] = place + 1
    return found


def without_overlaps(
    masks: ArrayLike, scores: Sequence[float], overlap: Overlap
) -> NDArray[np.bool_]:
    """Return masks of which no two share a pixel, or, for "keep", the masks as they are.

    Args:
        masks: (N, H, W) bool.
        scores: (N,) what "highest" goes by.
        overlap: who keeps a pixel; of equal scores or areas, the earlier mask.

    Returns:
        (N, H, W) bool, each a part of the mask given; a mask may have become empty.

    Raises:
        InputError: another shape or dtype, or an unknown rule.
    """
    stack = np.asarray(masks)
    if overlap not in OVERLAPS:
        raise InputError("overlap", expected=", ".join(OVERLAPS), actual=repr(overlap))
    if overlap == "keep":
        return stack
    areas = np.count_nonzero(stack, axis=(1, 2)) if stack.ndim == 3 else np.zeros(0)
    owner = owners(stack, scores if overlap == "highest" else -areas)
    numbers = np.arange(1, len(stack) + 1, dtype=np.int32)
    return np.asarray(owner == numbers[:, None, None])
