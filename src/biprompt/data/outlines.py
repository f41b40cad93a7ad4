"""Outlines to masks, pixel for pixel as the tools do that define the field's ground truth.

`masks.fill_polygon` asks whether a pixel's centre lies inside. The data sets were measured with
other rules, which differ from it along the boundary: pycocotools walks the outline on a grid five
times as fine, OpenCV and Pillow also set every pixel that the outline touches. A figure is
comparable with a published one only on the same masks.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import DataError

BoolMask = NDArray[np.bool_]
Filler = Callable[[ArrayLike, tuple[int, int]], BoolMask]
"""Takes the corners (N, 2) and (height, width); returns (H, W) bool."""

_FINER = 5
"""pycocotools' grid is so many times finer than the pixels."""
_MAX_COORDINATE = 2**20


def coco_fill(xy: ArrayLike, hw: tuple[int, int]) -> BoolMask:
    """Fill an outline as pycocotools does (`rleFrPoly`): refer, gRefCOCO, COCO, Pascal-Part.

    Args:
        xy: (N, 2) corners (x, y) in pixels, N >= 1, closed by itself.
        hw: height and width of the image.

    Returns:
        (H, W) bool.

    Raises:
        DataError: no corners, or coordinates that are no finite numbers up to 2**20.
    """
    height, width = hw
    corners = (_FINER * _corners(xy) + 0.5).astype(np.int64)  # towards zero, as in C
    u, v = _walk(corners)
    moved = np.flatnonzero(u[1:] != u[:-1]) + 1
    x = (np.minimum(u[moved], u[moved - 1]) + 0.5) / _FINER - 0.5
    y = (np.minimum(v[moved], v[moved - 1]) + 0.5) / _FINER - 0.5
    inside = (np.floor(x) == x) & (x >= 0) & (x <= width - 1)
    rows = np.ceil(np.clip(y[inside], 0, height)).astype(np.int64)
    return _between_crossings(x[inside].astype(np.int64), rows, hw)


def opencv_fill(xy: ArrayLike, hw: tuple[int, int]) -> BoolMask:
    """Fill an outline as OpenCV does (`fillPoly` with its border): ReasonSeg.

    The corners are cut to whole numbers. A pixel counts if it lies inside by the even-odd rule, or
    on the line between two corners. Equal to OpenCV's mask for an outline within the image; where
    one leaves it, pixels beside the line that leaves may differ.

    Args:
        xy: as in `coco_fill`.
        hw: height and width of the image.

    Returns:
        (H, W) bool.

    Raises:
        DataError: as in `coco_fill`.
    """
    corners = np.trunc(_corners(xy)).astype(np.int64)
    mask = np.zeros(hw, np.bool_)
    for start, end in pairwise((*corners, corners[0])):
        ends = _clipped(start, end, hw)
        if ends is not None:
            mask[_line(*ends)] = True
    return mask | _scanned(corners, hw)


def pillow_fill(xy: ArrayLike, hw: tuple[int, int]) -> BoolMask:
    """Fill an outline as Pillow draws a polygon with its border: PhraseCut.

    Args:
        xy: as in `coco_fill`; the corners are cut to whole numbers. Fewer than 2 draw nothing.
        hw: height and width of the image.

    Returns:
        (H, W) bool.

    Raises:
        DataError: as in `coco_fill`.
    """
    from PIL import Image, ImageDraw

    corners = [(int(x), int(y)) for x, y in _corners(xy)]
    image = Image.new("L", (hw[1], hw[0]), 0)
    if len(corners) > 1:
        ImageDraw.Draw(image).polygon(corners, outline=1, fill=1)
    return np.asarray(image) > 0


def _corners(xy: ArrayLike) -> NDArray[np.float64]:
    try:
        corners = np.asarray(xy, np.float64)
    except (TypeError, ValueError) as error:
        raise _no_polygon(xy) from error
    if corners.ndim != 2 or corners.shape[1] != 2 or not len(corners):
        raise _no_polygon(f"numbers of shape {corners.shape}")
    if not np.all(np.abs(corners) <= _MAX_COORDINATE):
        raise _no_polygon("coordinates far outside any image")
    return corners


def _no_polygon(actual: object) -> DataError:
    return DataError("polygon", expected="corners [[x, y], ...] in pixels", actual=actual)


def _walk(corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every point (u, v) of the fine grid along the closed outline, in its order."""
    steps = [_edge(a, b) for a, b in pairwise((*corners, corners[0]))]
    return np.concatenate([u for u, _ in steps]), np.concatenate([v for _, v in steps])


def _between_crossings(
    columns: NDArray[np.int64], rows: NDArray[np.int64], hw: tuple[int, int]
) -> BoolMask:
    """Return the pixels from each odd crossing to the next one, column by column.

    A crossing lies before its row, which may be the height: then it is the next column's first.
    """
    mask = np.zeros(hw, np.bool_)
    if not columns.size:
        return mask
    left, right = int(columns.min()), min(int(columns.max()) + 2, hw[1])
    places = (columns - left) * hw[0] + rows
    pixels = (right - left) * hw[0]
    flips = np.bincount(places, minlength=pixels + 1)[:pixels].astype(np.uint8)
    inside = np.cumsum(flips, dtype=np.uint8) & 1
    mask[:, left:right] = inside.reshape(right - left, hw[0]).T
    return mask


def _edge(
    start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the points of one edge: each step goes one along its longer axis."""
    axis = 0 if abs(end[0] - start[0]) >= abs(end[1] - start[1]) else 1
    turned = start[axis] > end[axis]
    low, high = (end, start) if turned else (start, end)
    length = int(high[axis] - low[axis])
    steps = np.arange(length, -1, -1) if turned else np.arange(length + 1)
    slope = (high[1 - axis] - low[1 - axis]) / length if length else 0.0
    across = (low[1 - axis] + slope * steps + 0.5).astype(np.int64)
    along = steps + low[axis]
    return (along, across) if axis == 0 else (across, along)


def _clipped(
    start: NDArray[np.int64], end: NDArray[np.int64], hw: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the ends of the part of a line in the image, rounded as OpenCV does; None if none.

    First both ends are moved along the line to the nearest row of the image, then to the nearest
    column.
    """
    ends = [start.copy(), end.copy()]
    for axis, most in ((1, hw[0] - 1), (0, hw[1] - 1)):
        sides = [np.sign(point[axis] - np.clip(point[axis], 0, most)) for point in ends]
        if sides[0] == sides[1] != 0:
            return None
        for point, side, other in zip(ends, sides, reversed(ends), strict=True):
            if side:
                goal = min(max(int(point[axis]), 0), most)
                share = (goal - point[axis]) * (other[1 - axis] - point[1 - axis])
                point[1 - axis] += int(share / (other[axis] - point[axis]))
                point[axis] = goal
    return ends[0], ends[1]


def _line(
    start: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (rows, columns) of the 8-connected line between two pixels, drawn left to right."""
    if start[0] > end[0]:
        start, end = end, start
    delta = np.abs(end - start)
    sign = np.where(end >= start, 1, -1)
    axis = 0 if delta[0] >= delta[1] else 1
    steps = np.arange(delta[axis] + 1)
    # Bresenham's rule in closed form: a tie stays on the line it is on.
    most = int(delta[axis])
    across = (2 * steps * delta[1 - axis] + max(most - 1, 0)) // max(2 * most, 1)
    points = np.empty((2, len(steps)), np.int64)
    points[axis] = start[axis] + sign[axis] * steps
    points[1 - axis] = start[1 - axis] + sign[1 - axis] * across
    return points[1], points[0]


def _scanned(corners: NDArray[np.int64], hw: tuple[int, int]) -> BoolMask:
    """Return the pixels between crossings of the outline, row by row, both ends included."""
    mask = np.zeros(hw, np.bool_)
    start, end = corners, np.roll(corners, -1, axis=0)
    top, bottom = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    for row in range(max(int(top.min()), 0), min(int(bottom.max()), hw[0])):
        cut = (top <= row) & (row < bottom)
        a, b = start[cut], end[cut]
        x = np.sort(a[:, 0] + (b[:, 0] - a[:, 0]) * (row - a[:, 1]) / (b[:, 1] - a[:, 1]))
        for left, right in zip(np.ceil(x[::2]), np.floor(x[1::2]), strict=True):
            mask[row, max(int(left), 0) : max(int(right) + 1, 0)] = True
    return mask
