"""The largest squares inside masks, found by doubling: two logical ANDs a step.

Masks are kept in one row of pixels, an empty column between their rows and an empty row between
masks: a move is a slice then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BoolMask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """The largest squares inside some masks, and smaller ones on the way to them.

    Attributes:
        inside: (masks, h + 1, w + 1) bool, the masks cropped to one box; the last row and column
            of each are empty.
        offset: (row, column) of the box in the masks.
        half: largest s such that a square of side 2s+1 round an allowed centre fits.
        blocked: (n,) places in the flat `inside` that are no allowed centres.
        levels: side of a square and where it begins, in one row as `inside`, by rising side.
    """

    inside: BoolMask
    offset: tuple[int, int]
    half: int
    blocked: Indices
    levels: tuple[tuple[int, BoolMask], ...]

    @property
    def region(self) -> BoolMask:
        """(h, w) bool, the first mask cropped to the box."""
        return self.inside[0, :-1, :-1]

    def centres(self, half: int) -> BoolMask:
        """Return (h, w) bool: allowed centres of squares of side 2*half+1 in the first mask."""
        return self.flat_centres(half).reshape(self.inside.shape)[0, :-1, :-1]

    def flat_centres(self, half: int) -> BoolMask:
        """Return the same for all masks, in one row."""
        stride = self.inside.shape[2]
        side, corners = [level for level in self.levels if level[0] <= 2 * half + 1][-1]
        corners = _grown(corners, side, 2 * half + 1, stride)
        centres = np.zeros(self.inside.size, bool)
        first = half * (stride + 1)
        centres[first : first + corners.size] = corners
        centres[self.blocked] = False
        return centres


def bounds(mask: BoolMask) -> Box | None:
    """Return (top, bottom, left, right) of what is set; the second and the last lie outside.

    Args:
        mask: (H, W) bool.

    Returns:
        The box, or None of an empty mask.
    """
    pixels, width = mask.tobytes(), mask.shape[1]  # bytes are searched faster than arrays
    first = pixels.find(1)
    if first < 0:
        return None
    top, bottom = first // width, pixels.rfind(1) // width + 1
    columns = np.flatnonzero(np.logical_or.reduce(mask[top:bottom], 0))
    return top, bottom, int(columns[0]), int(columns[-1]) + 1


def largest_squares(mask: BoolMask, blocked: npt.NDArray[np.int64] | None = None) -> Squares | None:
    """Find the largest odd square that fits into a mask; outside the image is outside the mask.

    Args:
        mask: (H, W) bool.
        blocked: (n, 2) int, rows and columns that must not be the centre.

    Returns:
        The squares, or None where no pixel of the mask is an allowed centre.
    """
    box = bounds(mask)
    if box is None:
        return None
    top, bottom, left, right = box
    inside = np.zeros((1, bottom - top + 1, right - left + 1), bool)
    inside[0, :-1, :-1] = mask[top:bottom, left:right]
    return squares_in(inside, (top, left), blocked)


def squares_in(
    inside: BoolMask, offset: tuple[int, int], blocked: npt.NDArray[np.int64] | None = None
) -> Squares | None:
    """Find the largest odd square that fits into one of some masks.

    Args:
        inside: (masks, h + 1, w + 1) bool, C-contiguous, as `Squares` keeps it.
        offset: (row, column) of the box in the masks.
        blocked: (n, 2) int, rows and columns of the masks that must not be the centre.

    Returns:
        The squares, or None where no pixel of a mask is an allowed centre.
    """
    taken = _places(inside, offset, blocked)
    half, levels = _search(inside, taken)
    return None if half < 0 else Squares(inside, offset, half, taken, levels)


def _places(
    inside: BoolMask, offset: tuple[int, int], blocked: npt.NDArray[np.int64] | None
) -> Indices:
    """Places of blocked pixels that are inside."""
    if blocked is None or not len(blocked):
        return np.zeros(0, np.intp)
    count, height, width = inside.shape
    moved = np.asarray(blocked, np.int64).reshape(-1, 2) - offset
    moved = moved[((moved >= 0) & (moved < (height, width))).all(1)]
    first = moved[:, 0] * width + moved[:, 1]
    places = np.concatenate([first + mask * height * width for mask in range(count)])
    taken: Indices = places[inside.ravel()[places]]
    return taken


def _grown(corners: BoolMask, side: int, wanted: int, stride: int) -> BoolMask:
    """Where squares of side `wanted` begin, from where those of side `side` do."""
    while side < wanted:
        step = min(side, wanted - side)
        corners = corners[:-step] & corners[step:]
        corners = corners[: -step * stride] & corners[step * stride :]
        side += step
    return corners


def _search(inside: BoolMask, blocked: Indices) -> tuple[int, tuple[tuple[int, BoolMask], ...]]:
    """Return the half side of the largest square, -1 for none, and levels on the way."""
    _, height, stride = inside.shape
    limit = (min(height, stride) - 2) // 2
    levels, low, step = [(1, inside.ravel())], 0, 1
    if not _fits(levels[0][1], blocked):
        return -1, ()
    while low + step <= limit:  # doubling up
        larger = _grown(levels[-1][1], 2 * low + 1, 2 * (low + step) + 1, stride)
        if not _fits(larger, blocked - (low + step) * (stride + 1)):
            break
        low, step = low + step, 2 * step
        levels.append((2 * low + 1, larger))
    high = min(low + step, limit + 1)  # the smallest half side known not to fit
    while high - low > 1:
        middle = (low + high) // 2
        larger = _grown(levels[-1][1], 2 * low + 1, 2 * middle + 1, stride)
        if _fits(larger, blocked - middle * (stride + 1)):
            low = middle
            levels.append((2 * low + 1, larger))
        else:
            high = middle
    return low, tuple(levels)


def _fits(corners: BoolMask, blocked: Indices) -> bool:
    """Say whether any corner is set that is not blocked."""
    if blocked.size == 0 or not corners.any():
        return bool(corners.any())
    places = blocked[(blocked >= 0) & (blocked < corners.size)]
    kept = corners[places]
    corners[places] = False
    found = bool(corners.any())
    corners[places] = kept
    return found
