"""Open whatever volume a path is, and write label maps onto its grid."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError, OutputError
from biprompt.io.files import atomic_write
from biprompt.io.medical.dicom import read_dicom
from biprompt.io.medical.dicom_seg import Algorithm, segmentation_object
from biprompt.io.medical.kinds import is_nifti
from biprompt.io.medical.nifti import label_map, read_nifti
from biprompt.io.medical.source import DicomSeries
from biprompt.io.medical.volume import Volume

LABEL_SUFFIXES = (".nii", ".nii.gz", ".dcm")


def open_volume(path: str | os.PathLike[str], *, series: str | None = None) -> Volume:
    """Open a NIfTI file, a DICOM file, or a folder with a DICOM series; see the readers.

    Raises:
        MissingExtraError: the `medical` extra is not installed.
        ImageError: it cannot be read.
        InputError: there is no such series, or it is NIfTI and has none.
    """
    if not is_nifti(path) or os.path.isdir(path):
        return read_dicom(path, series=series)
    if series is not None:
        raise InputError("--series", expected="nothing, as NIfTI has no series", actual=series)
    return read_nifti(path)


def is_label_file(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is named as something `write_labels` writes."""
    return os.fspath(path).lower().endswith(LABEL_SUFFIXES)


def check_label_file(path: str | os.PathLike[str], volume: Volume) -> None:
    """Raise an OutputError unless `write_labels` can write a file of this name for a volume."""
    name = os.fspath(path).lower()
    if not name.endswith(LABEL_SUFFIXES):
        expected = f"a file name that ends in {', '.join(LABEL_SUFFIXES)}"
        raise OutputError("output", expected=expected, actual=repr(os.path.splitext(name)[1]))
    if name.endswith(".dcm") and not isinstance(volume.source, DicomSeries):
        expected = ".nii or .nii.gz: a DICOM segmentation refers to the DICOM series it is of"
        raise OutputError("output", expected=expected, actual=f".dcm for a {volume.kind} volume")


def write_labels(
    path: str | os.PathLike[str], labels: NDArray[np.uint8], names: Sequence[str],
    volume: Volume, algorithm: Algorithm, *, force: bool = False,
) -> None:  # fmt: skip
    """Write a label map completely or not at all: NIfTI, or DICOM SEG for .dcm.

    Args:
        path: ends in .nii, .nii.gz or .dcm.
        labels: (I, J, K) uint8; the name at place n has the number n + 1.
        names: of the organs, at least one. NIfTI does not hold them.
        volume: whose grid it is.
        algorithm: what made them; NIfTI does not hold it.
        force: replace an existing file.

    Raises:
        MissingExtraError: the `medical` extra is not installed.
        OutputError: another ending, DICOM of a NIfTI volume, or it cannot be written.
        InputError: the shapes do not fit.
    """
    check_label_file(path, volume)
    name = os.fspath(path).lower()
    if name.endswith(".dcm"):
        data = segmentation_object(labels, names, volume, algorithm)
    else:
        data = label_map(labels, volume, compressed=name.endswith(".gz"))
    atomic_write(path, data, force=force)
