"""Rasters in memory: arrays, also memory-mapped ones, and Pillow images."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.io.pixels import resize_pixels, rgb_from_array, rgb_from_pil
from biprompt.io.raster.reference import Georeference
from biprompt.masks import Window

Hw = tuple[int, int]
_STRIP_PIXELS = 2**22
"""Pixels of an array that are worked on at once when it is shrunk."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrayRaster:
    """An array as `load_image` takes it; it is not copied, so a memory-mapped one stays on disk.

    Attributes:
        pixels: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`.
    """

    pixels: NDArray[Any] = field(repr=False)
    path: str | None = None
    reference: Georeference | None = None

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def read(self, window: Window, hw: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """See `Raster.read`; shrinking averages areas."""
        part = self.pixels[window.rows, window.columns]
        return _shrunk(lambda top, behind: rgb_from_array(part[top:behind]), window.hw, hw)


def _shrunk(
    strip: Callable[[int, int], NDArray[np.uint8]], full: Hw, hw: Hw | None
) -> NDArray[np.uint8]:
    """Pixels of a window, as they are or shrunk to `hw`, strip by strip.

    Args:
        strip: gives rows of the window, `(rows, w, 3)` uint8.
        full: height and width of the window.
        hw: as in `Raster.read`.
    """
    h, w = full
    if hw is None or hw == full:
        return strip(0, h)
    step = max(1, min(h // hw[0], w // hw[1]))
    high = max(1, _STRIP_PIXELS // w // step) * step
    strips = [_averaged(strip(top, min(top + high, h)), step) for top in range(0, h, high)]
    return resize_pixels(np.concatenate(strips), hw)


def _averaged(strip: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Means of squares of `step` pixels; the last ones may be narrower."""
    rows, columns = (np.arange(0, side, step) for side in strip.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(strip, rows, dtype=np.uint32), columns, axis=1)
    high, wide = np.diff(rows, append=len(strip)), np.diff(columns, append=strip.shape[1])
    counts = (high[:, None] * wide)[:, :, None]
    return np.asarray((sums + counts // 2) // counts, np.uint8)


class PillowRaster:
    """An image that Pillow has decoded, upright.

    Args:
        image: the image; 8-bit ones of three channels take 4 bytes a pixel.
        path: the file it came from.
    """

    reference = None

    def __init__(self, image: Image.Image, path: str | None = None) -> None:
        """Keep the image."""
        self._image, self.path = image, path
        self._lock = threading.Lock()

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self._image.height, self._image.width

    def read(self, window: Window, hw: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """See `Raster.read`; shrinking averages areas."""

        def strip(top: int, behind: int) -> NDArray[np.uint8]:
            box = (window.x0, window.y0 + top, window.x1, window.y0 + behind)
            return rgb_from_pil(self._image.crop(box), self.path)

        with self._lock:
            return _shrunk(strip, window.hw, hw)
