"""Fewer corners for a ring, within a stated distance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError

Ring = NDArray[np.int32]


def check_tolerance(tolerance: float) -> None:
    """Raise InputError unless the tolerance is a finite number of pixels, 0 or more."""
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise InputError("tolerance", expected="0 or more pixels", actual=tolerance)


def simplify_ring(ring: Ring, tolerance: float, keep: NDArray[np.bool_] | None = None) -> Ring:
    """Leave out corners of a closed ring as long as the outline stays within a distance.

    Ramer (1972) and Douglas and Peucker (1973), with distances to line segments. No point of the
    simplified ring is farther than `tolerance` from the given one, and the other way round. A
    ring that would lose its area or turn around stays as it is.

    Args:
        ring: `(N, 2)` int32 corners, N >= 3.
        tolerance: in pixels, 0 or more; 0 changes nothing.
        keep: `(N,)` bool, corners that must stay.

    Returns:
        `(M, 2)` int32, M >= 3, some of the corners in their order.
    """
    if tolerance == 0 or len(ring) < 4:
        return ring
    return ring[simplified(ring, tolerance, keep)]


def simplified(
    ring: Ring, tolerance: float, keep: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return which corners `simplify_ring` keeps, `(N,)` bool."""
    everything = np.ones(len(ring), np.bool_)
    if tolerance == 0 or len(ring) < 4:
        return everything
    kept = np.zeros(len(ring), np.bool_) if keep is None else keep.copy()
    xy = ring.astype(np.float64)
    anchors = _anchors(xy, kept)
    kept[anchors] = True
    for first, last in zip(anchors, [*anchors[1:], anchors[0] + len(ring)], strict=True):
        _between(xy, first, last, tolerance, kept)
    before, after = _twice_area(xy), _twice_area(xy[kept])
    return kept if before * after > 0 else everything


def _anchors(xy: NDArray[np.float64], kept: NDArray[np.bool_]) -> list[int]:
    found: list[int] = np.flatnonzero(kept).tolist()
    first = found[0] if found else 0
    if len(found) < 2:
        found = sorted({first, int(np.argmax(((xy - xy[first]) ** 2).sum(axis=1)))})
    return found


def _between(
    xy: NDArray[np.float64], first: int, last: int, tolerance: float, kept: NDArray[np.bool_]
) -> None:
    """Mark the corners needed between two that stay; `last` may be counted past the end."""
    count = len(xy)
    chain = xy[np.arange(first, last + 1) % count]
    spans = [(0, last - first)]
    while spans:
        a, b = spans.pop()
        if b - a < 2:
            continue
        away = _distances(chain[a + 1 : b], chain[a], chain[b])
        farthest = int(np.argmax(away))
        if away[farthest] > tolerance:
            middle = a + 1 + farthest
            kept[(first + middle) % count] = True
            spans += [(a, middle), (middle, b)]


def _distances(
    points: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far points are from the line segment between `a` and `b`."""
    along, offsets = b - a, points - a
    length = float(along @ along)
    share = np.clip(offsets @ along / length, 0, 1) if length else np.zeros(len(points))
    gaps = offsets - share[:, None] * along
    return np.hypot(gaps[:, 0], gaps[:, 1])


def _twice_area(xy: NDArray[np.float64]) -> float:
    x, y = xy.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1))
