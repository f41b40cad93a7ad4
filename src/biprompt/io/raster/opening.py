"""Open any image as a raster, and what its header tells."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.errors import ImageError
from biprompt.io.decode import decoded, header_of, open_image
from biprompt.io.images import ImageSource, load_image
from biprompt.io.raster.base import Raster
from biprompt.io.raster.decoded import ArrayRaster, PillowRaster
from biprompt.io.raster.geotiff import TiffRaster

MAX_DECODED_PIXELS = 400_000_000
"""Largest image that is decoded whole, because its format cannot be read by windows: 1.6 GB."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_GEO_TAGS = (33550, 34264, 34735)
"""ModelPixelScale, ModelTransformation and GeoKeyDirectory of the GeoTIFF standard."""


def open_raster(source: ImageSource | Raster, *, bands: Sequence[int] | None = None) -> Raster:
    """Open an image to read it by windows.

    Args:
        source: a raster, which is returned; what `load_image` takes; or a memory-mapped array.
        bands: of a TIFF, the bands to show as red, green and blue, or one, from 1; needs rasterio.

    Raises:
        ImageError: it is missing, not an image or damaged; a format other than TIFF of more than
            `MAX_DECODED_PIXELS`; or bands that there are not.
        MissingExtraError: bands are named, and rasterio is not installed.
    """
    if isinstance(source, np.ndarray):
        return _of_array(source)
    if isinstance(source, Image.Image):
        return PillowRaster(decoded(source, None), getattr(source, "filename", None) or None)
    if isinstance(source, bytes):
        return ArrayRaster(load_image(source, max_pixels=MAX_DECODED_PIXELS).pixels)
    if not isinstance(source, str | os.PathLike):
        return source
    path = os.fspath(source)
    if is_tiff(path) and (has_rasterio() or bands is not None):
        return TiffRaster(path, bands)
    if bands is not None:
        expected = "a TIFF to go with them"
        raise ImageError("bands", expected=expected, actual="another format", path=path)
    return PillowRaster(_decoded_whole(path), path)


def has_rasterio() -> bool:
    """Say whether rasterio is installed; imports nothing."""
    return importlib.util.find_spec("rasterio") is not None


def is_tiff(path: str | os.PathLike[str]) -> bool:
    """Say whether a file begins as a TIFF or BigTIFF does; False where it cannot be read."""
    return _begin(path) in _TIFF


def file_hw(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Return height and width of an image file from its header, as they are stored.

    Raises:
        ImageError: it is missing, not an image, or its header is damaged.
    """
    header = header_of(os.fspath(path))
    return header.height, header.width


def is_georeferenced(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is a TIFF with a place on the map, from its header."""
    if not is_tiff(path):
        return False
    tags: Any = getattr(header_of(os.fspath(path)), "tag_v2", {})
    return any(tag in tags for tag in _GEO_TAGS)


def _decoded_whole(path: str) -> Image.Image:
    height, width = file_hw(path)
    if height * width > MAX_DECODED_PIXELS:
        tiff = "; a TIFF is read by windows, which needs the extra geo"
        expected = f"at most {MAX_DECODED_PIXELS} pixels in this format{tiff}"
        raise ImageError("image too large", expected=expected, actual=f"{width} x {height}",
                         path=path)  # fmt: skip
    return open_image(path, MAX_DECODED_PIXELS)


def _of_array(array: NDArray[Any]) -> ArrayRaster:
    load_image(
        array[:1, :1] if array.ndim > 1 else array
    )  # which says what is wrong with shape or dtype
    return ArrayRaster(array)


def _begin(path: str | os.PathLike[str]) -> bytes:
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(4)
    except (OSError, ValueError):
        return b""
