"""TIFF by windows, and masks as GeoTIFF, with rasterio (the extra `geo`)."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError, MissingExtraError, OutputError
from biprompt.io.pixels import rgb_from_array
from biprompt.io.raster.base import longest
from biprompt.io.raster.reference import Georeference
from biprompt.masks import BitMask, Window

CACHE_BYTES = 64 * 2**20
"""What GDAL keeps of the blocks it has read."""
_BLOCK = 512
_GLANCE = 1024
"""Longer side of the reduced image from which the range of deep values is taken."""
_PERCENTILES = (2.0, 98.0)


def rasterio_module() -> ModuleType:
    """Import rasterio.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import rasterio
    except ImportError as error:
        raise MissingExtraError("geo", "GeoTIFF") from error
    module: ModuleType = rasterio
    return module


class TiffRaster:
    """A TIFF, BigTIFF or Cloud Optimized GeoTIFF that is read by windows.

    8-bit values are taken as they are; deeper ones are stretched linearly, each band from its 2nd
    to its 98th percentile over the whole image, so that every window is stretched alike. What the
    file marks as no data, and what is transparent, is white.

    Args:
        path: the file.
        bands: three of its bands, or one, from 1; None takes red, green and blue (the first three
            bands, or the first one of fewer).

    Raises:
        MissingExtraError: rasterio is not installed.
        ImageError: it is not a TIFF, damaged, or has no such bands.
    """

    def __init__(self, path: str, bands: Sequence[int] | None = None) -> None:
        """Open the file and read its header."""
        self._rasterio, self.path = rasterio_module(), path
        self._lock = threading.Lock()
        with self._told(), warnings.catch_warnings():
            warnings.simplefilter("ignore", self._rasterio.errors.NotGeoreferencedWarning)
            self._file = self._rasterio.open(path, driver="GTiff")
            self.reference = _reference(self._file)
        self.hw: tuple[int, int] = (self._file.height, self._file.width)
        self._bands = self._chosen(bands)
        self._range = self._ranges()

    def read(self, window: Window, hw: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """See `Raster.read`; shrinking averages areas, or takes the overviews of the file."""
        values, there = self._values(window, hw)
        if self._range is not None:
            low, high = self._range
            shares = (values.astype(np.float32) - low) / (high - low)
            values = (np.clip(np.nan_to_num(shares), 0, 1) * 255 + 0.5).astype(np.uint8)
        values[~there] = 255
        return rgb_from_array(values, self.path)

    def _values(
        self, window: Window, hw: tuple[int, int] | None
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Values ``(h, w, bands)`` and where there are any ``(h, w)``."""
        h, w = hw or window.hw
        place = self._rasterio.windows.Window(window.x0, window.y0, *window.hw[::-1])
        how = {"window": place, "resampling": self._rasterio.enums.Resampling.average}
        with self._told(), self._lock, self._rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
            values = self._file.read(self._bands, out_shape=(len(self._bands), h, w), **how)
            masks = self._file.read_masks(self._bands, out_shape=(len(self._bands), h, w), **how)
        return np.ascontiguousarray(np.moveaxis(values, 0, -1)), (masks > 0).all(axis=0)

    def _chosen(self, bands: Sequence[int] | None) -> list[int]:
        count = self._file.count
        chosen = list(bands) if bands is not None else [1, 2, 3] if count >= 3 else [1]
        if len(chosen) not in (1, 3) or not all(1 <= band <= count for band in chosen):
            expected = f"one band or three of 1 to {count}"
            raise ImageError("bands", expected=expected, actual=chosen, path=self.path)
        if any(np.dtype(self._file.dtypes[band - 1]).kind not in "uif" for band in chosen):
            expected = "integers or floats"
            raise ImageError("bands", expected=expected, actual=self._file.dtypes, path=self.path)
        return chosen

    def _ranges(self) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        """What becomes black and white, each `(bands,)`; None for 8-bit values."""
        if all(self._file.dtypes[band - 1] == "uint8" for band in self._bands):
            return None
        values, there = self._values(Window.whole(self.hw), longest(self.hw, _GLANCE))
        seen = values[there & np.isfinite(values).all(axis=-1)].astype(np.float32)
        if not len(seen):
            seen = np.zeros((1, len(self._bands)), np.float32)
        low, high = np.percentile(seen, _PERCENTILES, axis=0).astype(np.float32)
        return low, np.where(high > low, high, low + 1)

    def _told(self) -> _Told:
        return _Told(self._rasterio.errors.RasterioError, self.path)


class _Told:
    """Says of every error of rasterio that the file is to blame."""

    def __init__(self, kind: type[Exception], path: str) -> None:
        self._kind, self._path = kind, path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._kind):
            expected = "a readable, undamaged TIFF"
            raise ImageError(
                "image data", expected=expected, actual=error, path=self._path
            ) from error


def write_mask(path: str, mask: BitMask, reference: Georeference | None, *, force: bool) -> None:
    """Write a mask as a GeoTIFF of one 8-bit band, 255 inside and 0 outside, in compressed tiles.

    Args:
        path: the file.
        mask: the mask.
        reference: its place on the map; None writes a plain TIFF.
        force: replace an existing file.

    Raises:
        MissingExtraError: rasterio is not installed.
        OutputError: the file exists without `force`, or it cannot be written.
    """
    from biprompt.io.files import atomic_write, check_writable

    check_writable(path, force=force)
    rasterio = rasterio_module()
    place: dict[str, Any] = {}
    if reference is not None:
        place = {"transform": rasterio.Affine(*reference.transform), "crs": reference.wkt or None}
    about = {"driver": "GTiff", "height": mask.hw[0], "width": mask.hw[1], "count": 1,
             "dtype": "uint8", "compress": "deflate", "tiled": True, "blockxsize": _BLOCK,
             "blockysize": _BLOCK, "bigtiff": "if_safer"}  # fmt: skip
    try:
        with warnings.catch_warnings(), rasterio.io.MemoryFile() as memory:
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES), memory.open(**about, **place) as file:
                _fill(file, mask, rasterio)
            # Through memory, compressed: the file itself then appears whole or not at all.
            atomic_write(path, bytes(memory.getbuffer()), force=force)
    except rasterio.errors.RasterioError as error:
        expected = "a writable file"
        raise OutputError("output file", expected=expected, actual=error, path=path) from error


def _fill(file: Any, mask: BitMask, rasterio: ModuleType) -> None:
    """Write whole rows of blocks, so that each block is compressed once."""
    height, width = mask.hw
    for top in range(0, height, _BLOCK):
        rows = Window(0, top, width, min(top + _BLOCK, height))
        place = rasterio.windows.Window(0, top, width, rows.hw[0])
        file.write(mask.read(rows).astype(np.uint8) * np.uint8(255), 1, window=place)


def _reference(file: Any) -> Georeference | None:
    if file.crs is None and file.transform.is_identity:
        return None
    wkt, epsg = ("", None) if file.crs is None else (file.crs.to_wkt(), file.crs.to_epsg())
    return Georeference(tuple(file.transform)[:6], wkt, epsg)
