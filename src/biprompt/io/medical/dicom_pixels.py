"""The pixels of DICOM slices: decoded when asked for, rescaled, padding taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError, one_line
from biprompt.io.medical.dicom_access import pydicom_module, reading_dicom

CT_AIR = -1000.0
"""What padding outside the scanned circle of a CT becomes, in Hounsfield units."""

_DECODERS = "pip install pylibjpeg pylibjpeg-libjpeg pylibjpeg-openjpeg adds decoders"


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """Voxels (columns, rows, slices) of files, one for each slice; only what is asked is read."""

    files: Sequence[Path] = field(repr=False)
    shape: tuple[int, int, int]

    def __getitem__(self, where: tuple[Any, Any, Any]) -> NDArray[np.float32]:
        i, j, k = where
        if not isinstance(k, slice):
            return np.asarray(self._plane(int(k))[i, j])
        numbers = range(self.shape[2])[k]
        return np.stack([self._plane(number)[i, j] for number in numbers], axis=-1)

    def _plane(self, number: int) -> NDArray[np.float32]:
        """One slice as (columns, rows)."""
        pydicom = pydicom_module("reading DICOM images")
        with reading_dicom():
            values = slice_values(pydicom.dcmread(self.files[number])).T
        if values.shape != self.shape[:2]:
            raise ImageError("slice", expected=f"shape {self.shape[:2]}", actual=values.shape)
        return values


def slice_values(dataset: Any) -> NDArray[np.float32]:
    """Return the pixels of a slice in units: (rows, columns) float32.

    Rescale slope and intercept, or a modality look-up table, are applied. Pixels of
    PixelPaddingValue, or in its range, were never measured: in CT they become air, elsewhere the
    lowest value of the slice that was measured.
    """
    pixels = import_module("pydicom.pixels")
    stored = dataset.pixel_array
    values = np.asarray(pixels.apply_modality_lut(stored, dataset), np.float32)
    padding = _padding(stored, dataset)
    if padding.any():
        measured = values[~padding]
        lowest = float(measured.min()) if measured.size else 0.0
        values = np.where(padding, CT_AIR if dataset.get("Modality") == "CT" else lowest, values)
    return np.asarray(values, np.float32)


def check_decodable(dataset: Any) -> None:
    """Raise an ImageError that names a transfer syntax nothing here decodes, and what would."""
    pixels = import_module("pydicom.pixels")
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None:
        raise ImageError("pixels", expected="a TransferSyntaxUID", actual="a file without one")
    try:
        decodes = pixels.get_decoder(syntax).is_available
        remedy = _DECODERS
    except NotImplementedError:
        decodes, remedy = False, "convert it first, for example with dcmdjpeg or gdcmconv --raw"
    if not decodes:
        name = syntax.name if syntax.name != syntax else "a private transfer syntax"
        expected = f"a transfer syntax that can be decoded here ({remedy})"
        raise ImageError("pixels", expected=expected, actual=one_line(name, 90))


def _padding(stored: NDArray[Any], dataset: Any) -> NDArray[np.bool_]:
    if dataset.get("PixelPaddingValue") is None:
        return np.zeros(stored.shape, np.bool_)
    first = int(dataset.PixelPaddingValue)
    last = int(dataset.get("PixelPaddingRangeLimit", first))
    low, high = min(first, last), max(first, last)
    return np.asarray((stored >= low) & (stored <= high))
