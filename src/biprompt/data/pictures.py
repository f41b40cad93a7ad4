"""Photographs and label files of data sets: where they lie, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError
from biprompt.io.decode import open_image, pixel_limit
from biprompt.io.images import LoadedImage, load_image

Crop = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels of the file; x1 and y1 lie outside."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph that is still on disk.

    Attributes:
        path: the file.
        crop: the part that is meant, (x0, y0, x1, y1); None: all of it.
    """

    path: Path
    crop: Crop | None = None

    def load(self) -> LoadedImage:
        """Read it: (H, W, 3) uint8 RGB, cut to the crop.

        Raises:
            ImageError: the file is missing or damaged.
            DataError: the crop does not lie in it.
        """
        loaded = load_image(self.path)
        if self.crop is None:
            return loaded
        pixels = np.ascontiguousarray(cropped(loaded.pixels, self.crop, self.path))
        return LoadedImage(pixels, loaded.path)


def cropped(pixels: NDArray[Any], crop: Crop | None, path: Path) -> NDArray[Any]:
    """Return the part of an image, (H, W) or (H, W, C), that a crop names.

    Raises:
        DataError: the crop does not lie in the image.
    """
    if crop is None:
        return pixels
    x0, y0, x1, y1 = crop
    height, width = pixels.shape[:2]
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        expected, actual = f"at least {x1} x {y1} pixels", f"{width} x {height}"
        raise DataError("frame", expected=expected, actual=actual, path=path)
    return pixels[y0:y1, x0:x1]


def read_numbers(path: Path) -> NDArray[Any]:
    """Read the numbers of a label file as they are stored; palettes give indices, not colours.

    Returns:
        (H, W) or (H, W, C) of an integer type, or bool.

    Raises:
        ImageError: the file is missing or damaged.
    """
    return np.asarray(open_image(str(path), pixel_limit()))


def read_shown(path: Path) -> NDArray[Any]:
    """Read the values of a mask file as they are shown; palettes give colours.

    Returns:
        (H, W) or (H, W, 3 or 4) of an integer type, or bool.

    Raises:
        ImageError: the file is missing or damaged.
    """
    image = open_image(str(path), pixel_limit())
    return np.asarray(image.convert("RGB") if image.mode in ("P", "PA") else image)
