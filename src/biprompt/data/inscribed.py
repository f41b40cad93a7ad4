"""The deepest point of a mask, exact and without a distance transform of the whole image.

The click simulators of the field take the pixel with the largest Euclidean distance to the outside
of an error region. Only that maximum is needed, so it is searched for: the largest inscribed square
gives bounds, a Euclidean disk of radius d holds a square of half side d/sqrt(2), and the few pixels
within the bounds are decided exactly. Squares cost two logical ANDs each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

BoolMask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

_RINGS_UP_TO = 24  # half side from which a distance transform of a crop beats ring by ring


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Centres of the largest squares inside a mask.

    Attributes:
        region: (h, w) bool, the mask cropped to its bounding box.
        offset: (row, column) of the crop in the mask.
        half: largest s such that a square of side 2s+1 round an allowed centre fits.
        blocked: (n, 2) int rows and columns in the crop that are no allowed centres.
    """

    region: BoolMask
    offset: tuple[int, int]
    half: int
    blocked: npt.NDArray[np.int64]

    def centres(self, half: int) -> BoolMask:
        """Return (h, w) bool: allowed centres of squares of side 2*half+1 inside the region."""
        return _centres(_grown(self.region, 1, 2 * half + 1), half, self.region.shape, self.blocked)


def largest_squares(mask: BoolMask, blocked: npt.NDArray[np.int64] | None = None) -> Squares | None:
    """Find the largest odd square that fits into a mask; outside the image is outside the mask.

    Args:
        mask: (H, W) bool.
        blocked: (n, 2) int, rows and columns that must not be the centre.

    Returns:
        The squares, or None where no pixel of the mask is an allowed centre.
    """
    box = _bounds(mask)
    if box is None:
        return None
    top, bottom, left, right = box
    region = np.ascontiguousarray(mask[top:bottom, left:right])
    if blocked is None:
        taken = np.zeros((0, 2), np.int64)
    else:
        moved = np.asarray(blocked, np.int64).reshape(-1, 2) - (top, left)
        taken = moved[((moved >= 0) & (moved < region.shape)).all(1)]
    half = _largest_half(region, taken)
    return None if half < 0 else Squares(region, (top, left), half, taken)


def deepest(squares: Squares) -> tuple[float, int, int]:
    """Return (distance, row, column) of the allowed pixel farthest from the outside.

    The distance is Euclidean, in pixels, to the nearest pixel outside the mask or the image. Among
    equals the first in row-major order wins.
    """
    # a pixel of distance d has a square of half side ceil(d/sqrt(2))-1, and d >= half+1 is certain
    safe = int(np.ceil((squares.half + 1) / np.sqrt(2.0))) - 1
    rows, columns = np.nonzero(squares.centres(safe))
    if squares.half < _RINGS_UP_TO:
        squared, index = _by_rings(squares, safe, rows, columns)
    else:
        squared, index = _by_transform(squares, rows, columns)
    top, left = squares.offset
    return float(np.sqrt(squared)), int(rows[index]) + top, int(columns[index]) + left


def _bounds(mask: BoolMask) -> tuple[int, int, int, int] | None:
    rows = np.flatnonzero(mask.any(1))
    if rows.size == 0:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(0))
    return top, bottom, int(columns[0]), int(columns[-1]) + 1


def _grown(corners: BoolMask, side: int, wanted: int) -> BoolMask:
    """Top-left corners of squares of side `wanted`, from those of squares of side `side`."""
    while side < wanted:
        step = min(side, wanted - side)
        corners = corners[:, :-step] & corners[:, step:]
        corners = corners[:-step] & corners[step:]
        side += step
    return corners


def _centres(
    corners: BoolMask, half: int, hw: tuple[int, ...], blocked: npt.NDArray[np.int64]
) -> BoolMask:
    centres = np.zeros(hw, bool)
    height, width = corners.shape
    centres[half : half + height, half : half + width] = corners
    centres[blocked[:, 0], blocked[:, 1]] = False
    return centres


def _fits(corners: BoolMask, half: int, blocked: npt.NDArray[np.int64]) -> bool:
    if len(blocked) == 0:
        return bool(corners.any())
    moved = blocked - half
    inside = moved[((moved >= 0) & (moved < corners.shape)).all(1)]
    return int(np.count_nonzero(corners)) > int(corners[inside[:, 0], inside[:, 1]].sum())


def _largest_half(region: BoolMask, blocked: npt.NDArray[np.int64]) -> int:
    limit = (min(region.shape) - 1) // 2
    if not _fits(region, 0, blocked):
        return -1
    low, corners, step = 0, region, 1
    while low + step <= limit:  # doubling up
        larger = _grown(corners, 2 * low + 1, 2 * (low + step) + 1)
        if not _fits(larger, low + step, blocked):
            break
        low, corners, step = low + step, larger, 2 * step
    high = min(low + step, limit + 1)  # the smallest half side known not to fit
    while high - low > 1:
        middle = (low + high) // 2
        larger = _grown(corners, 2 * low + 1, 2 * middle + 1)
        if _fits(larger, middle, blocked):
            low, corners = middle, larger
        else:
            high = middle
    return low


@lru_cache(maxsize=64)
def _rings(safe: int, half: int) -> tuple[tuple[int, npt.NDArray[np.int64]], ...]:
    """Offsets outside a square of half side `safe`, grouped by squared distance, nearest first."""
    reach = int(np.floor(np.sqrt(2.0) * (half + 1)))
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    outside = np.maximum(abs(dy), abs(dx)) > safe
    squared = (dy * dy + dx * dx)[outside]
    offsets = np.stack([dy, dx], 1)[outside]
    return tuple((int(d), offsets[squared == d]) for d in np.unique(squared))


def _by_rings(squares: Squares, safe: int, rows: Indices, columns: Indices) -> tuple[int, int]:
    """Widen the disk round every candidate ring by ring until none is left."""
    reach = int(np.floor(np.sqrt(2.0) * (squares.half + 1)))
    padded = np.pad(squares.region, reach)
    stride, flat = padded.shape[1], padded.ravel()
    alive = np.arange(len(rows))
    start = (rows + reach) * stride + columns + reach
    last = 0
    for squared, offsets in _rings(safe, squares.half):
        steps = offsets[:, 0] * stride + offsets[:, 1]
        inside = flat[start[alive, None] + steps].all(1)
        last = squared
        if not inside.any():
            break
        alive = alive[inside]
    return last, int(alive[0])


def _by_transform(squares: Squares, rows: Indices, columns: Indices) -> tuple[int, int]:
    """Run a Euclidean distance transform on the candidates' neighbourhood."""
    from scipy.ndimage import distance_transform_edt

    reach = int(np.floor(np.sqrt(2.0) * (squares.half + 1))) + 1
    top, left = max(int(rows.min()) - reach, 0), max(int(columns.min()) - reach, 0)
    crop = squares.region[top : rows.max() + reach + 1, left : columns.max() + reach + 1]
    distances = distance_transform_edt(np.pad(crop, 1))[1:-1, 1:-1]
    found = distances[rows - top, columns - left]
    index = int(np.argmax(found))
    return round(found[index] ** 2), index
