"""NIfTI volumes in, label maps out, with the geometry of the header to the last bit."""

from __future__ import annotations

import gzip
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError, InputError, MissingExtraError
from biprompt.io.medical.source import NiftiGrid
from biprompt.io.medical.volume import Volume, check_shape

_GEOMETRY = (
    *("pixdim", "xyzt_units", "qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d"),
    *("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z"),
)
_NIFTI_2_BYTES = 540
_MM_OF_UNIT = {1: 1000.0, 2: 1.0, 3: 0.001}
_NO_ORIENTATION = (
    "The file does not say how the volume lies in the body: left and right, and the names of the "
    "axes, are a guess."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Voxels:
    """Voxels on disk, rescaled by scl_slope and scl_inter where the header has them."""

    proxy: Any = field(repr=False)
    shape: tuple[int, ...]

    def __getitem__(self, where: Any) -> NDArray[Any]:
        # An axis of length 1 behind the third is left out.
        behind = (0,) * (len(self.proxy.shape) - 3)
        with _reading():
            values = np.asarray(self.proxy[(*where, *behind)])
        if values.dtype.kind not in "biuf":
            raise ImageError("voxels", expected="one number each", actual=values.dtype)
        return values.astype(np.float32) if values.dtype == np.float64 else values


def read_nifti(path: str | os.PathLike[str]) -> Volume:
    """Open a NIfTI file (.nii, .nii.gz, version 1 or 2); the voxels stay on disk.

    A fourth axis of length 1 is left out.

    Raises:
        MissingExtraError: the `medical` extra is not installed.
        ImageError: missing, damaged, no NIfTI, not three axes, or a geometry that is none. The
            message does not name the file.
    """
    nibabel = _nibabel("reading NIfTI volumes")
    if not os.path.isfile(path):
        actual = "a folder" if os.path.isdir(path) else "nothing of this name"
        raise ImageError("volume", expected="a NIfTI file", actual=actual)
    with _reading():
        image = nibabel.load(path)
        if not isinstance(image, nibabel.Nifti1Pair):  # of which NIfTI-2 is a kind
            raise ImageError("volume", expected="a NIfTI file", actual="another format")
        header, affine = image.header, np.array(image.affine, np.float64)
        shape = tuple(int(size) for size in header.get_data_shape())
        while len(shape) > 3 and shape[-1] == 1:
            shape = shape[:-1]
        grid = _grid(header)
    check_shape(shape)
    stated = int(header["qform_code"]) or int(header["sform_code"])
    unit = int(header["xyzt_units"]) & 0x07
    return Volume(
        voxels=_Voxels(image.dataobj, shape),
        affine=affine,
        source=grid,
        unit_mm=_MM_OF_UNIT.get(unit, 1.0),
        notes=() if stated else (_NO_ORIENTATION,),
    )


def label_map(labels: NDArray[np.uint8], volume: Volume, *, compressed: bool) -> bytes:
    """Return a NIfTI file of a label map on the grid of a volume.

    Of a volume from NIfTI every field of the geometry is copied as it was stored. Of one from
    DICOM or an array the affine is stored in float32, which is what NIfTI-1 has.

    Args:
        labels: (I, J, K) uint8, 0 for background.
        volume: whose grid it is.
        compressed: as .nii.gz; the bytes hang on the labels and the grid alone.

    Raises:
        MissingExtraError: the `medical` extra is not installed.
        InputError: the shapes or the dtype do not fit.
    """
    if labels.shape != volume.shape or labels.dtype != np.uint8:
        expected = f"shape {volume.shape} of uint8"
        actual = f"shape {labels.shape} of {labels.dtype}"
        raise InputError("label map", expected=expected, actual=actual)
    nibabel = _nibabel("writing NIfTI volumes")
    if isinstance(volume.source, NiftiGrid):
        image = _on_grid(nibabel, labels, volume.source)
    else:
        image = nibabel.Nifti1Image(labels, volume.affine)
        image.set_qform(volume.affine, code=1)
        image.set_sform(volume.affine, code=1)
        image.header.set_xyzt_units("mm")
    data: bytes = image.to_bytes()
    return gzip.compress(data, mtime=0) if compressed else data


def _on_grid(nibabel: Any, labels: NDArray[np.uint8], grid: NiftiGrid) -> Any:
    kind = nibabel.Nifti1Image if grid.version == 1 else nibabel.Nifti2Image
    header = kind.header_class()
    for name, value in grid.fields.items():
        header[name] = value
    header.set_data_dtype(np.uint8)
    return kind(labels, None, header)  # without an affine nothing of the header is worked out anew


def _grid(header: Any) -> NiftiGrid:
    fields = {name: np.array(header[name]) for name in _GEOMETRY}
    return NiftiGrid(2 if int(header["sizeof_hdr"]) == _NIFTI_2_BYTES else 1, fields)


def _nibabel(purpose: str) -> Any:
    try:
        return import_module("nibabel")
    except ImportError as error:
        raise MissingExtraError("medical", purpose) from error


@contextmanager
def _reading() -> Iterator[None]:
    """One error for whatever nibabel, zlib and the system raise; theirs may name the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except InputError:
            raise
        except MemoryError:
            raise
        except Exception as error:
            kind = type(error).__name__
            actual = f"a damaged file, or another ({kind})"
            raise ImageError("volume", expected="a NIfTI file", actual=actual) from None
