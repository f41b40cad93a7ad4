"""Rasters in memory: arrays, also memory-mapped ones, and Pillow images."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.io.pixels import resize_pixels, rgb_from_array, rgb_from_pil
from biprompt.io.raster.reference import Georeference
from biprompt.masks import Window

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
        if hw is None or hw == window.hw:
            return rgb_from_array(part)
        step = max(1, min(window.hw[0] // hw[0], window.hw[1] // hw[1]))
        return resize_pixels(_averaged(part, step), hw)


def _averaged(part: NDArray[Any], step: int) -> NDArray[np.uint8]:
    """Means of squares of `step` pixels; the last ones may be narrower."""
    if step == 1:
        return rgb_from_array(part)
    (h, w), strips = part.shape[:2], []
    widths = np.diff(np.arange(0, w, step), append=w)[None, :, None]
    high = max(1, _STRIP_PIXELS // w // step) * step
    for top in range(0, h, high):
        strip = rgb_from_array(part[top : top + high]).astype(np.uint32)
        rows = np.arange(0, len(strip), step)
        sums = np.add.reduceat(np.add.reduceat(strip, rows), np.arange(0, w, step), axis=1)
        counts = np.diff(rows, append=len(strip))[:, None, None] * widths
        strips.append(((sums + counts // 2) // counts).astype(np.uint8))
    return np.concatenate(strips)


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
        box = (window.x0, window.y0, window.x1, window.y1)
        with self._lock:
            if hw is None or hw == window.hw or self._image.mode not in ("L", "RGB"):
                whole = rgb_from_pil(self._image.crop(box), self.path)
                return whole if hw is None else resize_pixels(whole, hw)
            small = self._image.resize(
                (hw[1], hw[0]), Image.Resampling.BILINEAR, box, reducing_gap=2.0
            )
        return rgb_from_pil(small, self.path)
