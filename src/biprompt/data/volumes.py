"""CT and MR volumes with organ labels, slice by slice (NIfTI; the `medical` extra)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError, ImageError
from biprompt.io.medical.nifti import read_nifti
from biprompt.io.medical.views import Axis
from biprompt.io.medical.windows import PRESETS, Window, grey

SOFT_TISSUE = (PRESETS["soft-tissue"].low, PRESETS["soft-tissue"].high)
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
        return grey(self.values, Window("own", *window))


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
        image, labels = _stack(self.path), _stack(self.labels_path)
        if image.shape != labels.shape:
            expected, actual = f"{_sizes(image)} voxels", _sizes(labels)
            raise DataError("labels", expected=expected, actual=actual, path=self.labels_path)
        for index, (plane, numbers) in enumerate(zip(image, labels, strict=True)):
            values = np.ascontiguousarray(plane, np.float32)
            yield SliceSample(index, values, self._checked(numbers))

    def labels(self) -> Iterator[NDArray[np.int16]]:
        """Yield the labels of every axial slice as `slices` has them, (H, W); no image is read.

        Raises:
            MissingExtraError: the `medical` extra is not installed.
            DataError: the file is missing or damaged, or a label is unknown.
        """
        for numbers in _stack(self.labels_path):
            yield self._checked(numbers)

    def _checked(self, labels: NDArray[Any]) -> NDArray[np.int16]:
        numbers = np.ascontiguousarray(labels.astype(np.int16))
        if (numbers != labels).any() or numbers.min() < 0 or numbers.max() > len(self.organs):
            expected = f"whole numbers from 0 to {len(self.organs)}"
            actual = f"from {labels.min()} to {labels.max()}"
            raise DataError("labels", expected=expected, actual=actual, path=self.labels_path)
        return numbers


def _sizes(stack: NDArray[Any]) -> str:
    return " x ".join(str(size) for size in reversed(stack.shape))


def _stack(path: Path) -> NDArray[Any]:
    """Read a volume as its axial slices from the feet up, (slices, H, W).

    Its error names the file: a data set is not a patient's folder.
    """
    try:
        volume = read_nifti(path).loaded()
    except ImageError as error:
        expected, actual = error.expected, error.actual
        raise DataError("volume", expected=expected, actual=actual, path=path) from error
    return volume.view(Axis.AXIAL).stack(np.asarray(volume.voxels))
