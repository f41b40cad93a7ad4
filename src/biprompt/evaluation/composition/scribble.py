"""A simulated scribble: a stroke along the object, through its deepest pixel."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import numpy.typing as npt

from biprompt.data.inscribed import deepest, largest_squares
from biprompt.errors import DataError
from biprompt.prompts import MAX_PATH_POINTS

BoolMask = npt.NDArray[np.bool_]
Corner = tuple[int, int]
LEFT_OUT = 0.1
"""Share of the stroke that is cut off at either end: people stop before the edge."""


def scribble(mask: BoolMask) -> npt.NDArray[np.float64]:
    """Draw a stroke that never leaves the mask.

    It runs along the longer side of the mask, in the middle of whatever stretch it is in, from the
    deepest pixel in both directions as far as the mask goes on.

    Args:
        mask: (H, W) bool with at least one pixel.

    Returns:
        (N, 2) float64, corners (x, y) in pixels of the mask's image; every pixel between two
        corners lies in the mask.

    Raises:
        DataError: the mask is empty.
    """
    squares = largest_squares(mask)
    if squares is None:
        raise DataError("mask to draw in", expected="at least one pixel", actual="an empty mask")
    _, row, column = deepest(squares)
    height, width = squares.region.shape
    if height > width:
        corners = [(x, y) for y, x in _stroke(mask.T, column, row)]
    else:
        corners = _stroke(mask, row, column)
    return np.array(_thinned(corners), np.float64)


def _stroke(mask: BoolMask, row: int, column: int) -> list[Corner]:
    """Corners (column, row) from left to right."""
    left, right = (_way(mask, row, column, step) for step in (-1, 1))
    corners = [*reversed(left), (column, row), *right]
    cut = int(LEFT_OUT * len(corners))
    return corners[cut : len(corners) - cut]


def _way(mask: BoolMask, row: int, column: int, step: int) -> list[Corner]:
    """Corners after (column, row), first up or down a column and then over to the next one."""
    corners: list[Corner] = []
    low, high = _run(mask[:, column], row)
    while 0 <= column + step < mask.shape[1]:
        shared = low + np.flatnonzero(mask[low:high, column + step])
        if shared.size == 0:
            break
        near = int(shared[np.argmin(abs(shared - row))])
        onward = _run(mask[:, column + step], near)
        row = _between(sum(onward) // 2, max(low, onward[0]), min(high, onward[1]) - 1)
        corners += [(column, row), (column + step, row)]
        column, (low, high) = column + step, onward
    return corners


def _run(line: npt.NDArray[np.bool_], at: int) -> tuple[int, int]:
    """Bounds of the stretch of a line that holds a position; the second lies behind it."""
    gaps = np.flatnonzero(~line)
    index = int(np.searchsorted(gaps, at))
    low = int(gaps[index - 1]) + 1 if index else 0
    return low, int(gaps[index]) if index < gaps.size else line.size


def _between(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def _thinned(corners: list[Corner]) -> list[Corner]:
    """Without corners between two others of one row or column; never more than a prompt takes."""
    path = [corner for corner, _ in groupby(corners)]
    inner = zip(path, path[1:], path[2:], strict=False)
    turns = [here for before, here, after in inner if not _straight(before, here, after)]
    kept = [path[0], *turns, *path[1:][-1:]]
    return kept[:: len(kept) // MAX_PATH_POINTS + 1]


def _straight(before: Corner, here: Corner, after: Corner) -> bool:
    return before[0] == here[0] == after[0] or before[1] == here[1] == after[1]
