"""Phantoms: volumes with organs of known shape, as NIfTI and as DICOM. Never a real patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from biprompt.io.medical.volume import Modality, Volume

SECRET_NAME = "Zebraworth^Quillon"
SECRET_ID = "PID-7741993"
SECRETS = ("Zebraworth", "Quillon", "7741993", "19510203", "20190405", "SECRETWARD", "HUSHFILE")
"""Nothing of these may come out of the package, but in a DICOM segmentation."""


def ellipsoid(
    shape: tuple[int, int, int], centre: tuple[float, ...], axes: tuple[float, ...]
) -> NDArray[np.bool_]:
    """(I, J, K) bool: voxels whose centre lies in an ellipsoid; all in voxels."""
    grid = np.indices(shape, sparse=True)
    return np.asarray(
        sum(((g - c) / a) ** 2 for g, c, a in zip(grid, centre, axes, strict=True)) <= 1.0
    )


def abdomen(
    shape: tuple[int, int, int] = (96, 80, 40), *, noise: float = 12.0
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """A body of fat and muscle with a liver (1) and a spleen (2): HU, and labels, both (I, J, K).

    I runs to the patient's right, J to the front, K to the head.
    """
    i, j, k = shape
    middle = (i / 2, j / 2, k / 2)
    values = np.full(shape, -1000.0)
    values[ellipsoid(shape, middle, (i * 0.46, j * 0.44, k * 4))] = -90.0
    values[ellipsoid(shape, middle, (i * 0.42, j * 0.39, k * 4))] = 30.0
    labels = np.zeros(shape, np.uint8)
    liver = ellipsoid(shape, (i * 0.68, j * 0.56, k * 0.5), (i * 0.19, j * 0.24, k * 0.4))
    spleen = ellipsoid(shape, (i * 0.24, j * 0.4, k * 0.55), (i * 0.1, j * 0.13, k * 0.25))
    labels[liver], labels[spleen] = 1, 2
    values[liver], values[spleen] = 140.0, 170.0
    values += np.random.default_rng(0).normal(0.0, noise, shape)
    return np.clip(values, -1024, 3000).astype(np.int16), labels


AFFINES: dict[str, NDArray[np.float64]] = {
    "RAS": np.diag([1.5, 1.25, 3.0, 1.0]),
    "LPS": np.diag([-1.5, -1.25, 3.0, 1.0]),
    "LAS": np.diag([-0.7, 0.9, 2.5, 1.0]),
    "PSR": np.array([[0, 0, 2.0, -7], [-1.1, 0, 0, 3], [0, 0.8, 0, 11], [0, 0, 0, 1.0]]),
    "IRP": np.array([[0, 1.3, 0, 5.5], [0, 0, -2.2, 1], [-0.9, 0, 0, 100.1], [0, 0, 0, 1.0]]),
}


def oblique(angles: tuple[float, float, float], steps: tuple[float, ...]) -> NDArray[np.float64]:
    """An affine turned about x, y and z (radians), with an origin that no float holds exactly."""
    (a, b, c), turn = angles, np.eye(3)
    for axis, angle in ((0, a), (1, b), (2, c)):
        p, q = (axis + 1) % 3, (axis + 2) % 3
        one = np.eye(3)
        one[p, p] = one[q, q] = np.cos(angle)
        one[p, q], one[q, p] = -np.sin(angle), np.sin(angle)
        turn = one @ turn
    affine = np.eye(4)
    affine[:3, :3] = turn * steps
    affine[:3, 3] = (-101.1, 33.3, 7.7)
    return affine


AFFINES["oblique"] = oblique((0.2, -0.31, 0.12), (0.83, 0.71, 4.1))
AFFINES["oblique flipped"] = oblique((-0.3, 0.1, 2.9), (1.0, 1.3, 2.0))


def save_nifti(path: Path, values: NDArray[Any], affine: NDArray[np.float64], **header: Any) -> Any:
    nibabel = pytest.importorskip("nibabel")
    image = nibabel.Nifti1Image(values, affine)
    for name, value in header.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


def save_dicom(
    folder: Path, values: NDArray[Any], *, spacing: tuple[float, float, float] = (1.5, 1.25, 3.0),
    series: str = "1.2.826.0.1.3680043.8.498.7", prefix: str = "HUSHFILE", offset: int = 0,
    turn: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), tilt: float = 0.0,
    syntax: str | None = None, **tags: Any,
) -> list[Path]:  # fmt: skip
    """Write a series; `values` (I, J, K) runs to the right, the front and the head.

    As scanners do, rows go from the front and columns from the right. The names of the files are
    in no order of the slices. `tags` go onto every slice. A gantry tilt moves each slice by `tilt`
    millimetres along its columns.
    """
    pydicom = pytest.importorskip("pydicom")
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    folder.mkdir(parents=True, exist_ok=True)
    study, frame = generate_uid(entropy_srcs=["study"]), generate_uid(entropy_srcs=["frame"])
    along, down = np.array(turn[:3]), np.array(turn[3:])
    normal = np.cross(along, down)
    paths = []
    planes = values[::-1, ::-1].transpose(2, 1, 0)  # slices, rows from the front, columns
    for number, plane in enumerate(planes):
        meta = pydicom.dataset.FileMetaDataset()
        meta.MediaStorageSOPClassUID = pydicom.uid.CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[series, str(number)])
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        d = pydicom.dataset.FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        d.SOPClassUID, d.SOPInstanceUID = (
            meta.MediaStorageSOPClassUID,
            meta.MediaStorageSOPInstanceUID,
        )
        d.PatientName, d.PatientID, d.PatientBirthDate = SECRET_NAME, SECRET_ID, "19510203"
        d.PatientSex, d.StudyDate, d.StudyTime = "O", "20190405", "101010"
        d.StudyID, d.AccessionNumber, d.ReferringPhysicianName = "1", "", "SECRETWARD^Doctor"
        d.SeriesDescription = "SECRETWARD"
        d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = study, series, frame
        d.Modality, d.SeriesNumber, d.InstanceNumber = "CT", 3, number + 1 + offset
        d.ImageOrientationPatient = list(turn)
        place = np.array([-50.0, -40.0, 7.0]) + normal * spacing[2] * number + down * tilt * number
        d.ImagePositionPatient = [f"{v:.6f}" for v in place]
        d.PixelSpacing, d.SliceThickness = [spacing[1], spacing[0]], spacing[2]
        d.Rows, d.Columns = plane.shape
        d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
        d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 16, 15, 1
        d.RescaleSlope, d.RescaleIntercept = 1, 0
        d.PixelData = np.ascontiguousarray(plane.astype("<i2")).tobytes()
        for name, value in tags.items():
            setattr(d, name, value)
        if syntax is not None:
            d.file_meta.TransferSyntaxUID = syntax
            d.PixelData = pydicom.encaps.encapsulate([b"\0\1\2\3"])
        path = folder / f"{prefix}_{(number * 7) % len(planes):03d}_{number % 3}.dcm"
        d.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def in_memory(values: NDArray[Any], affine: NDArray[np.float64]) -> Volume:
    return Volume(values, affine, Modality.CT)
