"""The deepest point of a mask, exact and without a distance transform of the whole image.

The click simulators of the field take the pixel with the largest Euclidean distance to the outside
of an error region. Only that maximum is needed, so it is searched for. A disk of radius d holds a
square of half side d/sqrt(2): the middle of the largest inscribed square bounds the depth from
below, and whatever is no centre of a square large enough drops out. Of the pixels left a few are
measured, which raises the bound, until no other can be deeper.
"""

from __future__ import annotations

from math import ceil, isqrt, sqrt
from typing import NamedTuple

import numpy as np

from biprompt.data.depths import Depths
from biprompt.data.squares import BoolMask, Squares, bounds, largest_squares, squares_in

__all__ = [
    "Deepest",
    "Squares",
    "bounds",
    "deepest",
    "deepest_of",
    "largest_squares",
    "squares_in",
]

_THIN = 1
"""Half side up to which whole regions are moved: what leaves the box then meets an empty column."""


class Deepest(NamedTuple):
    """The pixel farthest from the outside.

    Attributes:
        squared: squared Euclidean distance, in pixels, to the nearest pixel outside the mask or
            the image.
        mask: index of the mask it lies in.
        row: its row in the masks.
        column: its column in the masks.
    """

    squared: int
    mask: int
    row: int
    column: int


def deepest(squares: Squares) -> tuple[float, int, int]:
    """Return (distance, row, column) of the allowed pixel farthest from the outside.

    The distance is Euclidean, in pixels, to the nearest pixel outside the mask or the image. Among
    equals the first in row-major order wins.
    """
    found = deepest_of(squares)
    return sqrt(found.squared), found.row, found.column


def deepest_of(squares: Squares) -> Deepest:
    """Return the deepest allowed pixel of all masks; among equals the first of the first mask."""
    squared, place = _thin(squares) if squares.half <= _THIN else _thick(squares)
    mask, row, column = (int(each) for each in np.unravel_index(place, squares.inside.shape))
    return Deepest(squared, mask, row + squares.offset[0], column + squares.offset[1])


def _thin(squares: Squares) -> tuple[int, int]:
    """Widen the disk round every centre at once, ring by ring, until none is inside."""
    alive, stride = squares.flat_centres(squares.half), squares.inside.shape[2]
    rings = iter(_RINGS[squares.half])
    while True:
        squared, moves = next(rings)
        wider = _moved(alive, squares.inside.ravel(), [a * stride + b for a, b in moves])
        if not wider.any():
            return squared, int(alive.argmax())
        alive = wider


def _moved(alive: BoolMask, inside: BoolMask, steps: list[int]) -> BoolMask:
    """Keep what is inside after every step."""
    kept = alive.copy()
    for step in steps:
        if step > 0:
            kept[:-step] &= inside[step:]
        else:
            kept[-step:] &= inside[:step]
            kept[:-step] = False
    return kept


def _thick(squares: Squares) -> tuple[int, int]:
    """Measure a few of the centres, and leave out those that cannot be deeper."""
    depths = Depths.of(squares.inside, isqrt(2 * (squares.half + 1) ** 2))
    middle = np.flatnonzero(squares.flat_centres(squares.half))
    least = int(depths.squared(middle[middle.size // 2 :][:1], squares.half)[0])
    half = (
        ceil(sqrt(least / 2)) - 1
    )  # a pixel of depth d has a square of half side ceil(d/sqrt(2))-1
    places = np.flatnonzero(squares.flat_centres(half))
    squared = depths.largest(places, half, least)
    return squared, depths.first(places, half, squared)


def _rings(half: int) -> list[tuple[int, list[tuple[int, int]]]]:
    """Moves that leave a square, by squared length up to the farthest that a depth may be."""
    reach = range(-half - 1, half + 2)
    moves = [(down, right) for down in reach for right in reach]
    lengths = sorted({down**2 + right**2 for down, right in moves} - set(range((half + 1) ** 2)))
    return [(n, [(a, b) for a, b in moves if a**2 + b**2 == n]) for n in lengths]


_RINGS = [_rings(half) for half in range(_THIN + 1)]
