"""From an outline to a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError

_MAX_COORDINATE = 2**31


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


def _crossings(
    xy: NDArray[np.float64], hw: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (row, column) where the outline crosses a row of pixel centres.

    The outline crosses before the centre of that column, which may be the width.
    """
    x0, y0 = xy.T
    x1, y1 = np.roll(xy, -1, axis=0).T
    first, behind = _pixels(np.minimum(y0, y1), hw[0]), _pixels(np.maximum(y0, y1), hw[0])
    lengths = behind - first
    edges = np.repeat(np.arange(len(xy)), lengths)
    begin = np.cumsum(lengths) - lengths
    rows = np.arange(edges.size) - begin[edges] + first[edges]
    share = (rows + 0.5 - y0[edges]) / (y1 - y0)[edges]
    return rows, _pixels(x0[edges] + share * (x1 - x0)[edges], hw[1])


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
        InputError: another shape, fewer than 3 corners, NaN or infinity, or no image.
    """
    h, w = hw
    if min(h, w) < 1:
        raise InputError("image size", expected="at least 1 x 1", actual=f"{h} x {w}")
    rows, columns = _crossings(_corners(xy), hw)
    mask = np.zeros((h, w), np.bool_)
    if rows.size == 0:
        return mask
    top, bottom, left = int(rows.min()), int(rows.max()) + 1, int(columns.min())
    width = int(columns.max()) - left + 1
    places = (rows - top) * width + columns - left
    flips = np.bincount(places, minlength=(bottom - top) * width).reshape(bottom - top, width)
    inside = np.cumsum(flips.astype(np.uint8), axis=1, dtype=np.uint8) & 1
    mask[top:bottom, left : left + width - 1] = inside[:, :-1]
    return mask
