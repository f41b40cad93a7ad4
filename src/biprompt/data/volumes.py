"""CT and MR volumes with organ labels, slice by slice (NIfTI; the `medical` extra)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError, MissingExtraError

SOFT_TISSUE = (-160.0, 240.0)
"""Hounsfield units from black to white in which abdominal organs are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class SliceSample:
    """One axial slice of a volume.

    Attributes:
        index: its place in the volume, 0 nearest to the feet.
        values: (H, W) float32, for CT in Hounsfield units; row 0 is anterior and column 0 the
            patient's right, as radiologists look at it.
        labels: (H, W) int16: 0, or the number of an organ.
    """

    index: int
    values: NDArray[np.float32]
    labels: NDArray[np.int16]

    def pixels(self, window: tuple[float, float] = SOFT_TISSUE) -> NDArray[np.uint8]:
        """Return the slice as an image: (H, W, 3) uint8, grey.

        Args:
            window: the values shown as black and as white; in between the grey is linear.
        """
        low, high = window
        share = np.clip((self.values - low) / (high - low), 0.0, 1.0)
        return np.repeat((255.0 * share + 0.5).astype(np.uint8)[:, :, None], 3, axis=2)


@dataclass(frozen=True, slots=True)
class VolumeSample:
    """A volume and its labels, both still on disk.

    Attributes:
        path: the image, .nii or .nii.gz.
        labels_path: the labels, of the same grid.
        image_id: its name in the data set.
        organs: names; the organ at place k has the number k + 1.
    """

    path: Path
    labels_path: Path
    image_id: str
    organs: tuple[str, ...]

    def slices(self) -> Iterator[SliceSample]:
        """Yield every axial slice from the feet upwards; holds one volume in memory meanwhile.

        Raises:
            MissingExtraError: the `medical` extra is not installed.
            DataError: a file is missing or damaged, the grids differ, or a label is unknown.
        """
        image, labels = _volume(self.path), _volume(self.labels_path)
        if image.shape != labels.shape:
            expected, actual = f"shape {image.shape}", labels.shape
            raise DataError("labels", expected=expected, actual=actual, path=self.labels_path)
        for index in range(image.shape[2]):
            values = _as_seen(image[:, :, index]).astype(np.float32)
            yield SliceSample(index, values, self._checked(_as_seen(labels[:, :, index])))

    def labels(self) -> Iterator[NDArray[np.int16]]:
        """Yield the labels of every axial slice as `slices` has them, (H, W); no image is read.

        Raises:
            MissingExtraError: the `medical` extra is not installed.
            DataError: the file is missing or damaged, or a label is unknown.
        """
        labels = _volume(self.labels_path)
        for index in range(labels.shape[2]):
            yield self._checked(_as_seen(labels[:, :, index]))

    def _checked(self, labels: NDArray[Any]) -> NDArray[np.int16]:
        numbers = labels.astype(np.int16)
        if (numbers != labels).any() or numbers.min() < 0 or numbers.max() > len(self.organs):
            expected = f"whole numbers from 0 to {len(self.organs)}"
            actual = f"from {labels.min()} to {labels.max()}"
            raise DataError("labels", expected=expected, actual=actual, path=self.labels_path)
        return numbers


def _as_seen(plane: NDArray[Any]) -> NDArray[Any]:
    """Turn a plane (to the right, to the front) into rows from the front, columns from right."""
    return np.ascontiguousarray(plane[::-1, ::-1].T)


def _volume(path: Path) -> NDArray[Any]:
    """Read a volume; axes point to the patient's right, to the front and to the head."""
    try:
        nibabel = importlib.import_module("nibabel")
    except ImportError as error:
        raise MissingExtraError("medical", "reading NIfTI volumes") from error
    try:
        canonical = nibabel.as_closest_canonical(nibabel.load(path))
        values: NDArray[Any] = np.asanyarray(canonical.dataobj)
    except Exception as error:  # nibabel, zlib and the system each have errors of their own
        raise DataError("volume", expected="a NIfTI file", actual=error, path=path) from error
    if values.ndim != 3:
        raise DataError("volume", expected="three axes", actual=values.shape, path=path)
    return values
