"""How deep pixels lie in masks, for a few of them at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BoolMask = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

_FEW, _SAMPLE = 48, 12
"""Pixels that are measured all, and how many of more."""
_WIDE = 90
"""Depth from which columns are quicker than rings."""


@dataclass(frozen=True, slots=True, eq=False)
class Depths:
    """Squared Euclidean distances to the outside.

    Attributes:
        inside: (N,) bool, masks in one row, an empty column between their rows and an empty row
            between masks.
        hw: (h, w) of each mask, without those.
        moves: those no longer than a depth can be.
        upright: (N,) int32, distance to the outside straight above or below; None where rings are
            quicker.
    """

    inside: BoolMask
    hw: tuple[int, int]
    moves: Moves
    upright: npt.NDArray[np.int32] | None

    @classmethod
    def of(cls, inside: BoolMask, most: int, *, columns: bool | None = None) -> Depths:
        """Get ready to measure.

        Args:
            inside: (masks, h + 1, w + 1) bool, the last row and column of each empty.
            most: no pixel lies deeper.
            columns: whether to measure column by column and not ring by ring; None takes what is
                quicker.
        """
        _, height, width = inside.shape
        wide = most >= _WIDE if columns is None else columns
        upright = _upright(inside.reshape(-1, width)).ravel() if wide else None
        return cls(inside.ravel(), (height - 1, width - 1), moves(most + 1), upright)

    def largest(self, places: Indices, half: int, least: int) -> int:
        """Return the largest squared depth of centres of squares, one of which is so deep."""
        places, whole = self._deeper(places, least), False
        while places.size and not whole:
            whole = places.size <= _FEW
            sample = places if whole else places[:: places.size // _SAMPLE]
            found = int(self.squared(sample, half).max())
            if found > least:
                least, places = found, self._deeper(places, found)
            else:
                places = self._kept(places, least + 1, half)
        return least

    def first(self, places: Indices, half: int, squared: int) -> int:
        """Return the first of some centres of squares that is so deep; there is one."""
        done, count = 0, 64
        while True:
            deep = self._kept(self._deeper(places[done : done + count], squared - 1), squared, half)
            if deep.size:
                return int(deep[0])
            done, count = done + count, 4 * count

    def squared(self, places: Indices, half: int) -> Indices:
        """Return the squared depths of centres of squares of half a side."""
        if self.upright is not None:
            return self._by_columns(places, self.upright)
        return self._by_rings(places, half)

    def _by_columns(self, places: Indices, upright: npt.NDArray[np.int32]) -> Indices:
        """The nearest pixel outside, column by column; those beyond the edge do not matter."""
        across = np.arange(-self.moves.reach, self.moves.reach + 1)
        up = upright.take(places[:, None] + across, mode="clip")
        squared: Indices = np.minimum(self._edges(places), (up * up + across * across).min(1))
        return squared

    def _by_rings(self, places: Indices, half: int) -> Indices:
        """Ring by ring until a pixel outside is met; those beyond the edge do not matter."""
        found = self._edges(places)
        left, least, count = np.arange(places.size), (half + 1) ** 2, 8
        while left.size:
            squared, steps = self.moves.rings(least, count, self._stride)
            met = ~self._after(places[left], steps)
            first = met.argmax(0)
            hit = met[first, np.arange(left.size)]
            found[left] = np.where(hit, np.minimum(found[left], squared[first]), found[left])
            longest = int(squared[-1])
            left = left[~hit & (found[left] > longest)]
            least, count = longest + 1, 4 * count
        return found

    def _edges(self, places: Indices) -> Indices:
        """Squared distances to the outside of the box."""
        height, width = self.hw
        rows = places // (width + 1)
        columns = places - rows * (width + 1)
        rows %= height + 1
        near = np.minimum(
            np.minimum(rows + 1, height - rows), np.minimum(columns + 1, width - columns)
        )
        edges: Indices = near * near
        return edges

    def _deeper(self, places: Indices, squared: int) -> Indices:
        """Leave out most of those that are not deeper: the longest moves tell."""
        steps = self.moves.longest(squared + 1, self._stride)
        return places[self._after(places, steps).all(0)]

    def _kept(self, places: Indices, least: int, half: int) -> Indices:
        """Leave out all that are less deep."""
        places = places[self._edges(places) >= least]
        steps, done, count = self.moves.round_square(least, half, self._stride), 0, 8
        while done < steps.size and places.size:
            if self.upright is not None and done > 100:
                return places[self.squared(places, half) >= least]
            places = places[self._after(places, steps[done : done + count]).all(0)]
            done, count = done + count, 4 * count
        return places

    def _after(self, places: Indices, steps: Indices) -> BoolMask:
        """(steps, places) bool: inside after a step? Beyond the edge of the box anything."""
        return self.inside.take(steps[:, None] + places, mode="clip")

    @property
    def _stride(self) -> int:
        return self.hw[1] + 1


class Moves(NamedTuple):
    """Every move up to a length, the shortest first.

    Attributes:
        reach: the length.
        down: (N,) rows.
        right: (N,) columns.
        squared: (N,) squared length.
        starts: (reach**2 + 2,) index of the first move of a squared length, or of the next one.
    """

    reach: int
    down: Indices
    right: Indices
    squared: Indices
    starts: Indices

    def longest(self, least: int, stride: int) -> Indices:
        """Return a few steps that are just shorter than a squared length."""
        stop = int(self.starts[least])
        return self._steps(max(stop - 8, 0), stop, stride)

    def round_square(self, least: int, half: int, stride: int) -> Indices:
        """Return steps shorter than a squared length that leave a square, the longest first."""
        start, stop = self.starts[(half + 1) ** 2], self.starts[least]
        down, right = self.down[start:stop], self.right[start:stop]
        outside = np.maximum(abs(down), abs(right)) > half
        steps: Indices = (down * stride + right)[outside][::-1]
        return steps

    def rings(self, least: int, count: int, stride: int) -> tuple[Indices, Indices]:
        """Return squared lengths from one on, and their steps: whole rings, `count` or more."""
        start = int(self.starts[least])
        last = int(self.squared[min(start + count, self.squared.size) - 1])
        stop = int(self.starts[last + 1])
        return self.squared[start:stop], self._steps(start, stop, stride)

    def _steps(self, start: int, stop: int, stride: int) -> Indices:
        steps: Indices = self.down[start:stop] * stride + self.right[start:stop]
        return steps


def moves(least: int) -> Moves:
    """Return the moves up to at least a length."""
    return _moves(1 << (least - 1).bit_length())


@cache
def _moves(reach: int) -> Moves:
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    squared = down * down + right * right
    order = np.argsort(squared, kind="stable")
    order = order[: np.searchsorted(squared[order], reach * reach, side="right")]
    starts = np.searchsorted(squared[order], np.arange(reach * reach + 2))
    return Moves(reach, down[order], right[order], squared[order], starts)


def _upright(inside: BoolMask) -> npt.NDArray[np.int32]:
    """(rows, columns) int32, distance to the outside straight above or below."""
    rows = np.arange(len(inside), dtype=np.int32)[:, None]
    above = np.maximum.accumulate(np.where(inside, np.int32(-1), rows), 0)
    below = np.minimum.accumulate(np.where(inside, np.int32(len(rows)), rows)[::-1], 0)[::-1]
    found: npt.NDArray[np.int32] = np.minimum(rows - above, below - rows)
    return found
