"""Specks and pinholes of one mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.masks import components


def without_small_regions(mask: NDArray[np.bool_], smallest: int) -> NDArray[np.bool_]:
    """Fill holes and drop parts of fewer pixels (Segment Anything, appendix B).

    Of a mask that has only small parts, the largest one stays. Parts touch over a corner, holes
    over a side, so that no line is both.

    Args:
        mask: (H, W) bool.
        smallest: pixels; what is below goes.

    Returns:
        (H, W) bool, a new array; the mask itself where `smallest` is below 2.
    """
    if smallest < 2 or not mask.any():
        return mask
    holes, sizes, inner = _holes(mask)
    small = (sizes < smallest) & inner
    small[0] = False
    filled = mask | small[holes]
    parts, count = components(filled)
    areas = np.bincount(parts.ravel(), minlength=count + 1)
    kept = areas >= smallest
    kept[0] = False
    if not kept.any():
        kept[1 + int(areas[1:].argmax())] = True
    return np.asarray(kept[parts])


def _holes(
    mask: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """What a mask leaves free, numbered; the sizes; and which of it touches no edge."""
    from scipy import ndimage

    free, count = ndimage.label(~mask, output=np.int32)  # over sides, not over corners
    inner = np.ones(count + 1, np.bool_)
    for line in (free[0], free[-1], free[:, 0], free[:, -1]):
        inner[line] = False
    sizes: NDArray[np.int64] = np.bincount(free.ravel(), minlength=count + 1)
    return free, sizes, inner
