"""From the axes of an array to the axes of a body, and to slices as radiologists look at them.

World axes are those of NIfTI: x to the patient's right, y to the front (anterior), z to the head
(superior), "RAS"; millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_ENDS = ("LR", "PA", "IS")
_FROM = {"axial": "from the feet up", "coronal": "from back to front",
         "sagittal": "from the patient's left to the right"}  # fmt: skip


class Axis(StrEnum):
    """The direction that slices are counted along, by the name of the slices."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"

    @property
    def counted(self) -> str:
        """Where slice 0 is, in words."""
        return _FROM[self.value]


# World axes of slices, rows and columns. Slices are counted along the axis; rows and columns
# against it: row 0 is the front or the head, column 0 the patient's right or front.
_WORLD = {Axis.AXIAL: (2, 1, 0), Axis.CORONAL: (1, 2, 0), Axis.SAGITTAL: (0, 2, 1)}


def directions(affine: NDArray[np.float64]) -> tuple[tuple[int, int], ...]:
    """Return for each array axis the world axis it is nearest to, and 1 or -1 for its sense.

    Args:
        affine: (4, 4), array indices to world; it may be oblique or sheared, but not singular.
    """
    columns = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    left, _, right = np.linalg.svd(columns)
    turned = left @ right  # the nearest rotation, so that a shear does not decide
    best = max(permutations(range(3)), key=lambda p: sum(abs(turned[p[i], i]) for i in range(3)))
    return tuple((world, 1 if turned[world, i] >= 0 else -1) for i, world in enumerate(best))


def axis_codes(affine: NDArray[np.float64]) -> str:
    """Return the ends that the array axes point to, such as "RAS" or "LPS"."""
    return "".join(_ENDS[world][sense > 0] for world, sense in directions(affine))


@dataclass(frozen=True, slots=True)
class View:
    """Slices of an array along an axis of the body, in radiological view.

    Axial: row 0 is the front, column 0 the patient's right. Coronal: row 0 the head, column 0 the
    patient's right. Sagittal: row 0 the head, column 0 the front. Slices count from the feet, the
    back and the patient's left. Oblique volumes are not resampled: the nearest array axes count.

    Attributes:
        axis: the direction.
        axes: array axes of slices, rows and columns.
        steps: 1 or -1 for each, the sense in which the array is run through.
    """

    axis: Axis
    axes: tuple[int, int, int]
    steps: tuple[Literal[1, -1], Literal[1, -1], Literal[1, -1]]

    @classmethod
    def of(cls, axis: Axis, affine: NDArray[np.float64]) -> View:
        """Return the view along an axis of the body of an array with this affine."""
        place = {world: (i, sense) for i, (world, sense) in enumerate(directions(affine))}
        (s, up), (r, down), (c, across) = (place[world] for world in _WORLD[axis])
        return cls(axis, (s, r, c), (1 if up > 0 else -1, -1 if down > 0 else 1,
                                     -1 if across > 0 else 1))  # fmt: skip

    def stack(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return an array (I, J, K) as (slices, rows, columns): a view, so writing reaches it."""
        a, b, c = self.steps
        return array.transpose(self.axes)[::a, ::b, ::c]

    def where(self, shape: tuple[int, ...], index: int) -> tuple[slice | int, ...]:
        """Return the index of one slice in an array (I, J, K)."""
        axis = self.axes[0]
        place: list[slice | int] = [slice(None)] * 3
        place[axis] = index if self.steps[0] > 0 else shape[axis] - 1 - index
        return tuple(place)

    def upright(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Turn what `where` picked, two array axes in their order, into (rows, columns)."""
        turned = plane.T if self.axes[1] > self.axes[2] else plane
        return np.ascontiguousarray(turned[:: self.steps[1], :: self.steps[2]])
