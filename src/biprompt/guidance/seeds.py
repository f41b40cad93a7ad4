"""Clicks and strokes as pixels: the binary seed mask that every other map starts from.

A seed mask is (H, W) bool in the frame of its image; pixel [r, c] covers x from c to c + 1 and y
from r to r + 1, so the click (x, y) seeds row floor(y), column floor(x).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError, PromptError
from biprompt.prompts import Scribble

Seeds = NDArray[np.bool_]
Map = NDArray[np.float32]
Hw = tuple[int, int]


def click_seeds(xy: ArrayLike, hw: Hw) -> Seeds:
    """Return the seed mask of clicks.

    Args:
        xy: (N, 2), (x, y) in pixels of the image; N may be 0.
        hw: height and width of the image.

    Returns:
        (H, W) bool, at most N pixels set.

    Raises:
        InputError: another shape, or a side below 1.
        PromptError: a point outside the image.
    """
    points = np.asarray(xy, np.float64)
    if points.size == 0:
        points = points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        raise InputError("clicks", expected="shape (N, 2)", actual=f"shape {points.shape}")
    seeds = np.zeros(checked_hw(hw), np.bool_)
    x, y = np.floor(_inside(points, hw)).astype(np.intp).T
    seeds[y, x] = True
    return seeds


def stroke_seeds(strokes: Iterable[ArrayLike], hw: Hw, *, radius: float = 0.0) -> Seeds:
    """Return the seed mask of strokes: survey, section 8, Y_S of one label.

    Args:
        strokes: each (N >= 1, 2), the points of a stroke in order, pixels of the image.
        hw: height and width of the image.
        radius: of the pen in pixels; 0 draws lines one pixel wide.

    Returns:
        (H, W) bool; a stroke is 8-connected.

    Raises:
        InputError: another shape, a side below 1, or a negative radius.
        PromptError: a point outside the image.
    """
    if not 0 <= radius < np.inf:
        raise InputError("radius", expected="0 or more", actual=radius)
    along = [_along(np.asarray(stroke, np.float64)) for stroke in strokes]
    seeds = click_seeds(np.concatenate(along) if along else np.zeros((0, 2)), hw)
    if radius == 0 or not seeds.any():
        return seeds
    from biprompt.guidance.distances import squared_distance

    return np.asarray(squared_distance(seeds) <= radius * radius, np.bool_)


def scribble_seeds(
    scribbles: Iterable[Scribble], hw: Hw, *, radius: float = 0.0
) -> tuple[Seeds, Seeds]:
    """Return the seed masks of adding and of removing scribbles; see `stroke_seeds`."""
    given = tuple(scribbles)
    adding, removing = (
        stroke_seeds([each.xy for each in given if each.label == label], hw, radius=radius)
        for label in (1, 0)
    )
    return adding, removing


def checked_hw(hw: Hw) -> Hw:
    """Return height and width. InputError for a side below 1."""
    if len(hw) != 2 or min(hw) < 1:
        raise InputError("size", expected="height and width of at least 1", actual=f"{tuple(hw)}")
    return int(hw[0]), int(hw[1])


def checked_seeds(seeds: ArrayLike) -> Seeds:
    """Return a seed mask. InputError unless it is (H, W) bool with at least one pixel."""
    array = np.asarray(seeds)
    if array.ndim != 2 or array.dtype != np.bool_ or not array.size:
        actual = f"shape {array.shape} of {array.dtype}"
        raise InputError("seeds", expected="shape (H, W) of bool", actual=actual)
    return array


def _along(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points on a stroke, no further than one pixel apart along either axis."""
    if stroke.ndim != 2 or stroke.shape[1] != 2 or not len(stroke):
        raise InputError("stroke", expected="shape (N >= 1, 2)", actual=f"shape {stroke.shape}")
    if not np.isfinite(stroke).all():
        raise PromptError("stroke", expected="finite numbers", actual="NaN or infinity")
    parts = [stroke[-1:]]
    for start, end in pairwise(stroke):
        count = max(1, int(np.ceil(np.abs(end - start).max())))
        parts.append(start + np.arange(count)[:, None] / count * (end - start))
    return np.concatenate(parts)


def _inside(points: NDArray[np.float64], hw: Hw) -> NDArray[np.float64]:
    h, w = hw
    wrong = ~((points >= 0) & (points < (w, h))).all(1)
    if wrong.any():
        x, y = points[int(np.argmax(wrong))]
        expected = f"0 <= x < {w} and 0 <= y < {h}"
        raise PromptError("seed", expected=expected, actual=f"({x:.10g}, {y:.10g})")
    return points
