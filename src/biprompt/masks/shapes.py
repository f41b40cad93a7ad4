"""Areas, boxes and connected components of one mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.masks._checks import one_mask


def area(mask: ArrayLike) -> int:
    """Return the number of pixels set in a (H, W) bool mask. InputError for another shape."""
    return int(np.count_nonzero(one_mask(mask)))


def bbox_xyxy(mask: ArrayLike) -> list[int]:
    """Return the smallest box around a (H, W) bool mask.

    Returns:
        [x0, y0, x1, y1] in pixels; x1 and y1 lie behind the last pixel, so the whole image is
        [0, 0, W, H]. An empty mask gives [0, 0, 0, 0].

    Raises:
        InputError: another shape or dtype.
    """
    array = one_mask(mask)
    rows, columns = np.flatnonzero(array.any(axis=1)), np.flatnonzero(array.any(axis=0))
    if rows.size == 0:
        return [0, 0, 0, 0]
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def bbox_xywh(mask: ArrayLike) -> list[int]:
    """Return the smallest box around a (H, W) bool mask as COCO writes it.

    Returns:
        [x, y, width, height] in pixels; an empty mask gives [0, 0, 0, 0].

    Raises:
        InputError: another shape or dtype.
    """
    x0, y0, x1, y1 = bbox_xyxy(mask)
    return [x0, y0, x1 - x0, y1 - y0]


def components(mask: ArrayLike) -> tuple[NDArray[np.int32], int]:
    """Number the connected components of a mask; pixels touch also over a corner.

    Args:
        mask: (H, W) bool.

    Returns:
        (H, W) int32, 0 for the background and 1 to n for the components, and n.

    Raises:
        InputError: another shape or dtype.
    """
    from scipy import ndimage

    labels, count = ndimage.label(one_mask(mask), structure=np.ones((3, 3)), output=np.int32)
    return labels, int(count)


def component_at(mask: ArrayLike, points: ArrayLike) -> NDArray[np.bool_]:
    """Return the components of a mask that lie under the points.

    Args:
        mask: (H, W) bool.
        points: (N, 2) numbers, (x, y) in pixels of the mask's frame; a point that hits
            nothing adds nothing.

    Returns:
        (H, W) bool, a part of `mask`, perhaps empty.

    Raises:
        InputError: another shape, or a point outside the mask.
    """
    array, xy = one_mask(mask), np.asarray(points, np.float64)
    h, w = array.shape
    if xy.ndim != 2 or xy.shape[1] != 2:
        raise InputError("points", expected="shape (N, 2)", actual=f"shape {xy.shape}")
    if not np.all((xy >= 0) & (xy < (w, h))):
        raise InputError("points", expected=f"0 <= x < {w}, 0 <= y < {h}", actual=f"{xy.tolist()}")
    columns, rows = xy.astype(np.intp).T
    if not array[rows, columns].any():
        return np.zeros_like(array)
    labels, count = components(array)
    wanted = np.zeros(count + 1, np.bool_)
    wanted[labels[rows, columns]] = True
    wanted[0] = False
    return wanted[labels]
