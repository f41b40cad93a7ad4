"""What has to be kept of a file so that results can be written onto the very same grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class NiftiGrid:
    """The geometry of a NIfTI header, field by field as stored.

    Attributes:
        version: 1 or 2.
        fields: qform, sform, voxel sizes and units under their names in the header; nothing else,
            as descriptions and extensions may name the patient.
    """

    version: int
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class DicomSeries:
    """The files of a DICOM series, one per slice, in the order of the third axis."""

    files: tuple[Path, ...] = field(repr=False)


Source = NiftiGrid | DicomSeries
