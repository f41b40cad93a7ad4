"""From an outline to a mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError

_MAX_COORDINATE = 2**31
_MAX_CROSSINGS = 2**26


def _corners(xy: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(xy, np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or len(array) < 3:
        raise InputError(
            "polygon", expected="shape (N, 2), N of at least 3", actual=f"shape {array.shape}"
        )
    if not np.all(np.abs(array) <= _MAX_COORDINATE):
        raise InputError(
            "polygon", expected=f"finite coordinates up to {_MAX_COORDINATE}", actual="others"
        )
    return array


def _pixels(low: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return the first pixel whose centre is not before `low`, between 0 and `most`."""
    return np.clip(np.ceil(low - 0.5), 0, most).astype(np.int64)


def _edges(rings: Sequence[ArrayLike]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both ends of every edge of the rings, each (E, 2), the upper one first.

    Which way an edge was drawn then makes no difference, not even in the last bit: a cut that is
    drawn forth and back encloses nothing.
    """
    corners = [_corners(ring) for ring in rings]
    start = np.concatenate(corners)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in corners])
    swap = start[:, 1] > end[:, 1]
    start[swap], end[swap] = end[swap], start[swap]
    return start, end


def _crossings(
    rings: Sequence[ArrayLike], hw: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (row, column) where the outline crosses a row of pixel centres.

    The outline crosses before the centre of that column, which may be the width.
    """
    (x0, y0), (x1, y1) = (ends.T for ends in _edges(rings))
    first, behind = _pixels(y0, hw[0]), _pixels(y1, hw[0])
    lengths = behind - first
    total = int(lengths.sum())
    if total > _MAX_CROSSINGS:
        expected = f"edges that cross at most {_MAX_CROSSINGS} rows of pixels in all"
        raise InputError("polygon", expected=expected, actual=total)
    edges = np.repeat(np.arange(y0.size), lengths)
    begin = np.cumsum(lengths) - lengths
    rows = np.arange(edges.size) - begin[edges] + first[edges]
    share = (rows + 0.5 - y0[edges]) / (y1 - y0)[edges]
    return rows, _pixels(x0[edges] + share * (x1 - x0)[edges], hw[1])


def fill_window(
    rings: Sequence[ArrayLike], hw: tuple[int, int]
) -> tuple[slice, slice, NDArray[np.bool_]]:
    """Return the rows and columns that rings reach, and which of these pixels they enclose.

    Args:
        rings: as in `fill_polygon`, at least one; the even-odd rule holds over all together.
        hw: height and width of the image, each at least 1.

    Returns:
        Slices of rows and columns, and bool of their shape; empty where nothing is enclosed.

    Raises:
        InputError: as in `fill_polygon`.
    """
    h, w = hw
    if min(h, w) < 1:
        raise InputError("image size", expected="at least 1 x 1", actual=f"{h} x {w}")
    rows, columns = _crossings(rings, hw)
    if rows.size == 0:
        return slice(0), slice(0), np.zeros((0, 0), np.bool_)
    top, bottom, left = int(rows.min()), int(rows.max()) + 1, int(columns.min())
    width = int(columns.max()) - left + 1
    places = (rows - top) * width + columns - left
    flips = np.bincount(places, minlength=(bottom - top) * width).reshape(bottom - top, width)
    inside = np.cumsum(flips.astype(np.uint8), axis=1, dtype=np.uint8)[:, :-1] & 1
    return slice(top, bottom), slice(left, left + width - 1), inside.astype(np.bool_)


def fill_polygon(xy: ArrayLike, hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies inside an outline, by the even-odd rule.

    Args:
        xy: (N, 2) numbers, N >= 3, the corners (x, y) in order, closed by itself, in pixels of
            the image. Corners may lie outside the image; what they enclose is cut at its edge.
        hw: height and width of the image, each at least 1.

    Returns:
        (H, W) bool. The corners (0, 0), (W, 0), (W, H), (0, H) fill it. An outline thinner than
        a pixel may enclose no centre and give an empty mask.

    Raises:
        InputError: another shape, fewer than 3 corners, NaN or infinity, no image, or an outline
            that goes up and down so often that it crosses 2**26 rows of pixels.
    """
    rows, columns, inside = fill_window([xy], hw)
    mask = np.zeros(hw, np.bool_)
    mask[rows, columns] = inside
    return mask
