"""Which paths are medical volumes; light, as every `biprompt segment` asks."""

from __future__ import annotations

import os

NIFTI_SUFFIXES = (".nii", ".nii.gz")
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
_PREAMBLE = 128


def is_nifti(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is named as a NIfTI file."""
    return os.fspath(path).lower().endswith(NIFTI_SUFFIXES)


def is_dicom(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is named as a DICOM file, or a file that begins as one."""
    name = os.fspath(path)
    return name.lower().endswith(DICOM_SUFFIXES) or _begins_as_dicom(name)


def is_volume(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is NIfTI, DICOM, or a folder with a DICOM file in or below it."""
    if os.path.isdir(path):
        return any(is_dicom(file) for file in files_below(path))
    return is_nifti(path) or is_dicom(path)


def files_below(folder: str | os.PathLike[str]) -> list[str]:
    """Return the files in and below a folder, sorted; what begins with a dot is left out."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(place, name) for name in sorted(names) if not name.startswith(".")]
    return found


def _begins_as_dicom(name: str) -> bool:
    if not os.path.isfile(name):
        return False
    try:
        with open(name, "rb") as file:
            return file.read(_PREAMBLE + 4)[_PREAMBLE:] == b"DICM"
    except OSError:
        return False
