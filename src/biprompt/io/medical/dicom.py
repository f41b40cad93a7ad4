"""A DICOM series in: which files belong to it, and the volume they make."""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.errors import ImageError, InputError
from biprompt.io.medical.dicom_access import pydicom_module, reading_dicom
from biprompt.io.medical.dicom_pixels import Slices, check_decodable
from biprompt.io.medical.kinds import files_below, is_dicom
from biprompt.io.medical.source import DicomSeries
from biprompt.io.medical.stacking import stack
from biprompt.io.medical.volume import Modality, Volume, check_shape

_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # DICOM's world points to the left and the back
_NO_POSITION = (
    "The file does not say how the image lies in the body: left and right are a guess, and the "
    "name axial means the image as it is stored."
)


@dataclass(frozen=True, slots=True, eq=False)
class Header:
    """One file without its pixels; its path and dataset never reach a message."""

    path: Path = field(repr=False)
    dataset: Any = field(repr=False)


def read_dicom(path: str | os.PathLike[str], *, series: str | None = None) -> Volume:
    """Open a DICOM series; the pixels stay on disk.

    Args:
        path: a folder, searched with all below it, or one file, which gives a volume of one slice.
        series: which of several: its place in the list that the error shows, from 1, or its
            SeriesInstanceUID.

    Raises:
        MissingExtraError: the `medical` extra is not installed.
        ImageError: no DICOM images; several series and none chosen; slices that differ, are
            missing, or lie unevenly; several frames or colours; a transfer syntax that nothing
            here decodes. No file is named, and nothing of the patient.
        InputError: there is no such series.
    """
    pydicom = pydicom_module("reading DICOM images")
    with reading_dicom():
        headers, left_out = _images(pydicom, path)
        volume = _volume(_chosen(headers, series))
    if not left_out:
        return volume
    note = f"{left_out} of the DICOM files could not be read as images and were left out."
    return replace(volume, notes=(*volume.notes, note))


def _volume(chosen: Sequence[Header]) -> Volume:
    first = chosen[0].dataset
    _check_alike(chosen)
    positioned = all("ImagePositionPatient" in one.dataset for one in chosen)
    if not positioned and len(chosen) > 1:
        expected = "an ImagePositionPatient in every file"
        raise ImageError("series", expected=expected, actual="files without one")
    for one in chosen:
        check_decodable(one.dataset)
    order, affine = stack([one.dataset for one in chosen])
    rows, columns = int(first.Rows), int(first.Columns)
    check_shape((columns, rows, len(order)))
    files = tuple(chosen[place].path for place in order)
    modality = {"CT": Modality.CT, "MR": Modality.MR}.get(str(first.get("Modality")))
    return Volume(
        voxels=Slices(files, (columns, rows, len(files))),
        affine=_TO_RAS @ affine,
        modality=modality or Modality.OTHER,
        source=DicomSeries(files),
        inverted=first.get("PhotometricInterpretation") == "MONOCHROME1",
        notes=() if positioned else (_NO_POSITION,),
    )


def _images(pydicom: Any, path: str | os.PathLike[str]) -> tuple[list[Header], int]:
    """The headers of all files that are images of slices, and how many DICOM files are damaged."""
    paths = files_below(path) if os.path.isdir(path) else [os.fspath(path)]
    found, left_out = [], 0
    for name in paths:
        if not os.path.isfile(name):
            raise ImageError("series", expected="a DICOM file", actual="nothing of this name")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                dataset = pydicom.dcmread(name, stop_before_pixels=True)
                if "Rows" in dataset and "Columns" in dataset and dataset.get("Modality") != "SEG":
                    found.append(Header(Path(name), dataset))
            except Exception:  # a folder may hold anything
                left_out += is_dicom(name)
    if not found:
        expected = "DICOM images of slices"
        raise ImageError("series", expected=expected, actual=f"none in {len(paths)} files")
    return found, left_out


def _chosen(headers: Sequence[Header], series: str | None) -> list[Header]:
    """The files of one series, in a fixed order."""
    groups: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        groups[str(header.dataset.get("SeriesInstanceUID", ""))].append(header)
    ordered = sorted(groups, key=lambda uid: (_whole(groups[uid][0], "SeriesNumber"), uid))
    if series is None and len(groups) == 1:
        return groups[ordered[0]]
    told = "; ".join(f"{i}: {_told(groups[uid])}" for i, uid in enumerate(ordered, 1))
    if series is None:
        raise ImageError("series", expected=f"one, or --series with one of: {told}",
                         actual=f"{len(groups)} series")  # fmt: skip
    if series in groups:
        return groups[series]
    if series.isdecimal() and 1 <= int(series) <= len(ordered):
        return groups[ordered[int(series) - 1]]
    raise InputError("--series", expected=f"one of: {told}", actual="another")


def _whole(header: Header, name: str) -> int:
    try:
        return int(header.dataset.get(name, 0) or 0)
    except (TypeError, ValueError):
        return 0


def _told(group: Sequence[Header]) -> str:
    first = group[0].dataset
    modality = str(first.get("Modality", "")) or "?"
    # Anything may stand in a damaged or hostile field: only a code of a few capitals is repeated.
    code = modality if modality.isalpha() and len(modality) <= 3 else "?"
    slices = f"{len(group)} slice{'s' if len(group) > 1 else ''}"
    return f"{code}, {slices} of {int(first.Columns)} x {int(first.Rows)}"


def _check_alike(chosen: Sequence[Header]) -> None:
    """Raise an ImageError unless the files are grey slices of one size, one frame each."""
    first = chosen[0].dataset
    if any(int(one.dataset.get("NumberOfFrames", 1) or 1) > 1 for one in chosen):
        expected = "a file for every slice (enhanced objects have to be split first)"
        raise ImageError("series", expected=expected, actual="several frames in one file")
    if any(int(one.dataset.get("SamplesPerPixel", 1)) != 1 for one in chosen):
        raise ImageError("series", expected="one number for each pixel", actual="colours")
    for name in ("Rows", "Columns", "PhotometricInterpretation"):
        if len({str(one.dataset.get(name)) for one in chosen}) > 1:
            raise ImageError("series", expected=f"slices of the same {name}", actual="several")
    if first.get("PhotometricInterpretation") not in ("MONOCHROME1", "MONOCHROME2"):
        raise ImageError("series", expected="MONOCHROME1 or MONOCHROME2", actual="another")
