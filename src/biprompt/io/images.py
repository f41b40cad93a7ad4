"""Images and masks from files, their bytes, Pillow images and arrays.

Frame of everything here: the upright image, row 0 at the top, column 0 at the left.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.errors import ImageError
from biprompt.io.decode import (
    DEFAULT_MAX_PIXELS,
    MAX_PIXELS_VARIABLE,
    check_size,
    decode_bytes,
    decoded,
    open_image,
    pixel_limit,
)
from biprompt.io.pixels import convert, is_deep, rgb_from_array, rgb_from_pil

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "MAX_PIXELS_VARIABLE",
    "ImageSource",
    "LoadedImage",
    "load_image",
    "pixel_limit",
    "read_mask",
]

ImageSource = str | os.PathLike[str] | bytes | Image.Image | NDArray[Any]
"""What `load_image` takes: a path, the bytes of a file, a Pillow image or an array."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedImage:
    """An image ready for a model.

    Attributes:
        pixels: `(H, W, 3)` uint8 RGB, C-contiguous, upright, owned by this object.
        path: the file it was read from; None for bytes, arrays, and Pillow images without a file.
    """

    pixels: NDArray[np.uint8]
    path: str | None = None

    @property
    def hw(self) -> tuple[int, int]:
        """`(height, width)` in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


def load_image(source: ImageSource, *, max_pixels: int | None = None) -> LoadedImage:
    """Read an image as 8-bit RGB.

    Files: JPEG, PNG, WebP, TIFF, BMP, GIF and PNM; of several frames or pages, the first. The
    EXIF orientation is applied, also to a Pillow image that still carries one. Alpha and
    transparency are composited on white. Colour profiles are not applied. 16-bit grey files and
    16-bit arrays are scaled by 255 / 65535 and rounded; of 16-bit colour files Pillow keeps the
    upper 8 bits (value // 256); nothing is clipped. Float pixels lie in [0, 1].

    Args:
        source: a path, the bytes of a file, a Pillow image (not changed), or an array `(H, W)`,
            `(H, W, 1)`, `(H, W, 3)` RGB or `(H, W, 4)` RGBA of bool, uint8, uint16 or float.
        max_pixels: largest `H * W`; None takes BIPROMPT_MAX_PIXELS, else DEFAULT_MAX_PIXELS.
            A file's size is checked from its header, before anything is decoded.

    Returns:
        The pixels, sharing no memory with `source`, and the path.

    Raises:
        ImageError: the source is missing, unreadable, empty, not an image, truncated, without
            pixels, larger than the limit, or has values that cannot be scaled.
        InputError: the limit itself is not a whole number above 0.
    """
    limit = pixel_limit(max_pixels)
    if isinstance(source, np.ndarray):
        check_size((*source.shape, 1, 1)[:2], limit, None)
        return LoadedImage(rgb_from_array(source))
    if isinstance(source, Image.Image):
        check_size((source.height, source.width), limit, None)
        path = getattr(source, "filename", None) or None
        return LoadedImage(rgb_from_pil(decoded(source, path), path), path)
    if isinstance(source, bytes):
        return LoadedImage(rgb_from_pil(decode_bytes(source, limit)))
    path = _as_path(source)
    return LoadedImage(rgb_from_pil(open_image(path, limit), path), path)


def read_mask(
    path: str | os.PathLike[str],
    hw: tuple[int, int] | None = None,
    *,
    max_pixels: int | None = None,
) -> NDArray[np.bool_]:
    """Read a mask from any image file that `load_image` reads.

    A pixel is foreground when any of its colour channels is not zero and, where the file has
    alpha or transparency, when it is not fully transparent. Palettes are looked up, so what counts
    is the colour that is shown, not the index. 16-bit and float grey are not scaled first: 1 of
    65535 is foreground. Lossy files (JPEG) may show noise around the edge as foreground.

    Args:
        path: the file; its EXIF orientation is applied.
        hw: the `(height, width)` the mask must have; None takes any.
        max_pixels: as in `load_image`.

    Returns:
        `(H, W)` bool.

    Raises:
        ImageError: as in `load_image`, or the mask is of another size than `hw`.
        InputError: the limit itself is not a whole number above 0.
    """
    name = _as_path(path)
    image = open_image(name, pixel_limit(max_pixels))
    if hw is not None and (image.height, image.width) != tuple(hw):
        raise ImageError(
            "mask size",
            expected=f"{hw[1]} x {hw[0]} pixels (width x height), as the image",
            actual=f"{image.width} x {image.height}",
            path=name,
        )
    return _foreground(image, name)


def _as_path(source: object) -> str:
    path = os.fspath(source) if isinstance(source, str | os.PathLike) else None
    if not isinstance(path, str) or not path:
        raise ImageError(
            "image",
            expected="a path, bytes, a PIL image or a numpy array",
            actual="an empty path" if path == "" else type(source).__name__,
        )
    return path


def _foreground(image: Image.Image, path: str) -> NDArray[np.bool_]:
    if is_deep(image):
        # Bigger or smaller than 0, so that NaN is background.
        shown = np.abs(np.asarray(image)) > 0
    elif image.has_transparency_data:
        rgba = np.asarray(convert(image, "RGBA", path))
        shown = rgba[:, :, :3].any(axis=2) & (rgba[:, :, 3] > 0)
    else:
        shown = np.asarray(convert(image, "RGB", path)).any(axis=2)
    return np.asarray(shown, dtype=np.bool_)
