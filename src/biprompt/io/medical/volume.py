"""A volume: numbers on a grid, and where the grid lies in the body."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError, InputError
from biprompt.io.medical.source import DicomSeries, NiftiGrid, Source
from biprompt.io.medical.views import Axis, View, axis_codes

MAX_VOXELS = 2**31
"""Largest volume that is opened; a header that asks for more is taken as damaged or hostile."""

_MM3_PER_ML = 1000.0


class Modality(StrEnum):
    """How the numbers came about: CT in Hounsfield units, or with a scale of their own."""

    CT = "CT"
    MR = "MR"
    OTHER = "other"
    UNKNOWN = "unknown"


class Voxels(Protocol):
    """An array (I, J, K), in memory or still on disk."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The three sizes."""

    def __getitem__(self, where: Any, /) -> Any:
        """Return the part that slices and whole numbers pick, one for each axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Numbers on a grid. One axis order everywhere: (I, J, K), the order of the affine.

    For NIfTI that is the order of the file. For DICOM I runs along the rows of a slice (the column
    number), J along its columns (the row number), K over the slices in order of position.

    Attributes:
        voxels: (I, J, K) numbers, rescaled to units; read from disk when they are asked for.
        affine: (4, 4) float64 exactly as read, from (i, j, k, 1) to the world: to the patient's
            right, the front and the head (RAS+), in units of `unit_mm`.
        modality: CT, MR, other; unknown for NIfTI, which does not say.
        source: what the results are written onto; None for arrays.
        unit_mm: millimetres in a unit of the affine; 1 but for NIfTI in metres or microns.
        inverted: low values are bright (DICOM MONOCHROME1).
        notes: remarks for the person, one sentence each.

    Raises:
        ImageError: not three axes, an empty one, too many voxels, or an affine that is no map.
    """

    voxels: Voxels = field(repr=False)
    affine: NDArray[np.float64] = field(repr=False)
    modality: Modality = Modality.UNKNOWN
    source: Source | None = field(default=None, repr=False)
    unit_mm: float = 1.0
    inverted: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the axes and the affine."""
        check_shape(self.voxels.shape)
        turn = np.asarray(self.affine)[:3, :3]
        if not np.isfinite(self.affine).all() or abs(np.linalg.det(turn)) < 1e-12:
            expected = "an affine that gives every voxel a place of its own"
            raise ImageError("geometry of the volume", expected=expected, actual=turn.tolist())

    @property
    def shape(self) -> tuple[int, int, int]:
        """(I, J, K)."""
        i, j, k = self.voxels.shape
        return int(i), int(j), int(k)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Millimetres from voxel to voxel along I, J and K."""
        i, j, k = np.linalg.norm(self.affine[:3, :3], axis=0) * self.unit_mm
        return float(i), float(j), float(k)

    @property
    def orientation(self) -> str:
        """The ends of the body that I, J and K point to, such as "RAS"."""
        return axis_codes(self.affine)

    @property
    def voxel_ml(self) -> float:
        """Millilitres of a voxel, from the determinant of the affine: a shear is no mistake."""
        turn = self.affine[:3, :3] * self.unit_mm
        return float(abs(np.linalg.det(turn))) / _MM3_PER_ML

    @property
    def kind(self) -> str:
        """Where it was read from: "NIfTI", "DICOM" or "array"."""
        kinds = {NiftiGrid: "NIfTI", DicomSeries: "DICOM"}
        return kinds.get(type(self.source), "array") if self.source else "array"

    def loaded(self) -> Volume:
        """Return the same volume with all voxels in memory.

        Raises:
            ImageError: they cannot be read.
        """
        if isinstance(self.voxels, np.ndarray):
            return self
        return replace(self, voxels=np.asarray(self.voxels[:, :, :]))

    def view(self, axis: Axis) -> View:
        """Return how slices along an axis lie in the array."""
        return View.of(axis, self.affine)

    def count(self, axis: Axis) -> int:
        """Return how many slices there are along an axis."""
        return self.shape[self.view(axis).axes[0]]

    def plane(self, axis: Axis, index: int) -> NDArray[np.float32]:
        """Return one slice in radiological view, see `View`: (H, W) float32.

        Args:
            axis: axial, coronal or sagittal.
            index: from 0, see `Axis.counted`.

        Raises:
            InputError: there is no such slice.
            ImageError: it cannot be read.
        """
        check_slice(index, self.count(axis), axis)
        view = self.view(axis)
        plane = np.asarray(self.voxels[view.where(self.shape, index)])
        return view.upright(plane).astype(np.float32, copy=False)

    def plane_spacing(self, axis: Axis) -> tuple[float, float]:
        """Return millimetres from row to row and from column to column of a slice."""
        _, rows, columns = self.view(axis).axes
        return self.spacing[rows], self.spacing[columns]


def check_slice(index: int, count: int, axis: Axis) -> None:
    """Raise an InputError unless there is a slice `index` among `count`."""
    if not 0 <= index < count:
        expected = f"a whole number from 0 to {count - 1} ({axis}, {axis.counted})"
        raise InputError("slice", expected=expected, actual=index)


def check_shape(shape: tuple[int, ...]) -> None:
    """Raise an ImageError unless a shape has three axes, none empty, not beyond MAX_VOXELS."""
    sizes = " x ".join(str(int(size)) for size in shape)
    if len(shape) != 3:
        more = "; a series in time or of several channels has to be split first"
        actual = f"{len(shape)} axes, {sizes}{more if len(shape) > 3 else ''}"
        raise ImageError("volume", expected="three axes", actual=actual)
    if 0 in shape or np.prod([int(size) for size in shape], dtype=float) > MAX_VOXELS:
        raise ImageError("volume", expected=f"1 to {MAX_VOXELS} voxels", actual=sizes)
