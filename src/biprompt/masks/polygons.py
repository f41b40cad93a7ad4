"""From a mask to polygons with holes and several parts, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.masks._checks import one_mask
from biprompt.masks._trace import trace
from biprompt.masks.polygon import fill_window
from biprompt.masks.simplify import check_tolerance, simplify_ring

Ring = NDArray[np.int32]
"""`(N, 2)` int32 corners `(x, y)`, N >= 3, closed by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One connected part of a mask: what its outer ring encloses, without its holes.

    Attributes:
        outer: `(N, 2)` int32 corners `(x, y)` in pixels of the mask's frame, clockwise on a
            screen (its shoelace sum over x and y is positive).
        holes: rings of the same kind, the other way round.
    """

    outer: Ring
    holes: tuple[Ring, ...] = ()

    @property
    def rings(self) -> tuple[Ring, ...]:
        """The outer ring, then the holes."""
        return (self.outer, *self.holes)


def mask_polygons(mask: ArrayLike, tolerance: float = 0.0) -> tuple[Part, ...]:
    """Return the outline of a mask along the edges of its pixels.

    Exact outlines (tolerance 0) are valid polygons of the simple features standard: no ring
    touches itself, the rings of a part touch each other in single points at most, and so do
    parts. Pixels are connected over their sides; those that touch only over a corner belong to
    two parts, or to one that they close around a hole. Filling the parts gives the mask again.

    With a tolerance, each ring is simplified as in `simplify_ring`; rings may then touch or cross
    each other where they came closer than twice the tolerance. No part and no hole disappears.

    Args:
        mask: (H, W) bool.
        tolerance: how far the outline may move, in pixels. Only pixels whose centre lies at most
            this far from the exact outline may change, so below 0.5 the mask stays the same.

    Returns:
        The parts in raster order of their first pixel, holes likewise; none for an empty mask.

    Raises:
        InputError: another shape or dtype, a tolerance below 0, or an outline of more than
            4,000,000 corners.
    """
    check_tolerance(tolerance)
    found = trace(one_mask(mask))
    rings = [simplify_ring(ring, tolerance) for ring in np.split(found.xy, found.begin[1:-1])]
    holes: dict[int, list[Ring]] = {int(outer): [] for outer in np.flatnonzero(found.outer)}
    for hole in np.flatnonzero(~found.outer):
        holes[int(found.owner[hole])].append(rings[hole])
    return tuple(Part(rings[outer], tuple(inner)) for outer, inner in holes.items())


def count_parts_and_holes(mask: ArrayLike) -> tuple[int, int]:
    """Return how many parts and how many holes `mask_polygons` finds in a (H, W) bool mask.

    Raises:
        InputError: as in `mask_polygons`.
    """
    outer = trace(one_mask(mask)).outer
    parts = int(np.count_nonzero(outer))
    return parts, outer.size - parts


def fill_polygons(parts: Iterable[Part], hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies in one of the parts.

    Within a part the even-odd rule holds, over the outer ring and the holes together; parts may
    overlap.

    Args:
        parts: as `mask_polygons` returns them, or from elsewhere.
        hw: height and width of the image, each at least 1.

    Returns:
        (H, W) bool.

    Raises:
        InputError: as in `fill_polygon`.
    """
    mask = np.zeros(hw, np.bool_)
    for part in parts:
        rows, columns, inside = fill_window(part.rings, hw)
        mask[rows, columns] |= inside
    return mask
