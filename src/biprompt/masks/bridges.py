"""Outlines for formats that know neither holes nor parts: rings joined by cuts of no width.

A cut leads from one ring to another and back over the same two points, so it encloses nothing:
whoever fills the joined ring by the even-odd or the non-zero rule gets the same mask. Whoever
draws the outline draws the cut too, as a thin line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from biprompt.masks._checks import one_mask
from biprompt.masks._trace import Index, Rings, trace
from biprompt.masks.simplify import Ring, check_tolerance, simplified


def rings_without_holes(mask: ArrayLike, tolerance: float = 0.0) -> tuple[Ring, ...]:
    """Return one ring for each connected part of a mask, its holes joined to it.

    Args:
        mask: (H, W) bool.
        tolerance: as in `mask_polygons`; the ends of the cuts stay where they are.

    Returns:
        For each part of `mask_polygons`, in its order, `(N, 2)` int32 corners `(x, y)`. Filled by
        the even-odd rule they give the mask again, or one within the tolerance.

    Raises:
        InputError: as in `mask_polygons`.
    """
    found = trace(one_mask(mask))
    cut = _Cut.at(found, np.flatnonzero(~found.outer)).simpler(tolerance)
    path = _Path(cut)
    return tuple(path.walk(start) for start in cut.begin[:-1][found.outer].tolist())


def one_ring(mask: ArrayLike, tolerance: float = 0.0) -> Ring | None:
    """Return the outline of a whole mask as one ring: its holes and its parts joined.

    Args:
        mask: (H, W) bool.
        tolerance: as in `rings_without_holes`.

    Returns:
        `(N, 2)` int32 corners `(x, y)`, as in `rings_without_holes`; None for an empty mask.

    Raises:
        InputError: as in `mask_polygons`.
    """
    found = trace(one_mask(mask))
    cut = _Cut.at(found, np.flatnonzero(found.met >= 0)).simpler(tolerance)
    path = _Path(cut)
    for one, other in cut.between(np.flatnonzero(found.met < 0)):
        path.join(one, other)
    return path.walk(0) if len(found.xy) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Rings, and where cuts lead from one to another.

    Attributes:
        xy: `(V, 2)` int32 corners of all rings.
        begin: `(R + 1,)` where each ring begins in `xy`.
        ends: `(C, 2)` the two corners of each cut.
    """

    xy: Ring
    begin: Index
    ends: Index

    @classmethod
    def at(cls, rings: Rings, joined: Index) -> _Cut:
        """Join the rings of these numbers to what lies left of the top of their leftmost edge."""
        count, tops, met = len(rings.xy), rings.top[joined], rings.met[joined]
        levels = rings.xy[tops, 1]
        points = np.stack([rings.met_x[joined], levels], axis=1).astype(np.int32)
        # A new corner comes behind the one where the met edge begins, nearer ones first.
        after = np.concatenate([np.arange(count), met])
        along = np.concatenate([np.full(count, -1), np.abs(levels - rings.xy[met, 1])])
        order = np.lexsort((along, after))
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        added = np.bincount(rings.ring_of(met), minlength=rings.outer.size)
        begin = rings.begin + np.concatenate([[0], np.cumsum(added)])
        ends = np.stack([place[count:], place[tops]], axis=1)
        return cls(np.concatenate([rings.xy, points])[order], begin, ends)

    def simpler(self, tolerance: float) -> _Cut:
        """Leave out corners within the tolerance, but none where a cut ends."""
        check_tolerance(tolerance)
        stay = np.zeros(len(self.xy), np.bool_)
        stay[self.ends] = True
        kept = np.ones_like(stay)
        for first, behind in pairwise(self.begin.tolist()):
            ring = slice(first, behind)
            kept[ring] = simplified(self.xy[ring], tolerance, stay[ring])
        place = np.concatenate([[0], np.cumsum(kept)])
        return _Cut(self.xy[kept], place[self.begin], place[self.ends])

    def between(self, rings: Index) -> Iterator[tuple[int, int]]:
        """Return a cut to each of these rings from the nearest corner of the one before."""
        for before, ring in pairwise(rings.tolist()):
            first, mine = self.begin[before], self.begin[ring]
            gaps = (self.xy[first : self.begin[before + 1]] - self.xy[mine]).astype(np.int64)
            yield int(first + np.argmin((gaps**2).sum(axis=1))), mine


class _Path:
    """The order in which the corners of rings follow each other over the cuts."""

    def __init__(self, cut: _Cut) -> None:
        following = np.arange(1, len(cut.xy) + 1)
        following[cut.begin[1:] - 1] = cut.begin[:-1]
        self._xy = cut.xy
        # A corner comes by again at each cut, as one more step.
        self._corners: list[int] = list(range(len(cut.xy)))
        self._following: list[int] = following.tolist()
        for one, other in cut.ends.tolist():
            self.join(one, other)

    def join(self, one: int, other: int) -> None:
        """Cut from a corner of one ring to a corner of another: both become one ring."""
        there, back = len(self._corners), len(self._corners) + 1
        self._corners += [other, one]
        self._following += [self._following[other], self._following[one]]
        self._following[one], self._following[other] = there, back

    def walk(self, start: int) -> Ring:
        """Return the ring that goes through a corner, without repeated points in a row."""
        steps, step = [self._corners[start]], self._following[start]
        while step != start:
            steps.append(self._corners[step])
            step = self._following[step]
        xy = self._xy[steps]
        return xy[np.any(xy != np.roll(xy, 1, axis=0), axis=1)]
