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
    LOSSY,
    MAX_PIXELS_VARIABLE,
    check_size,
    decode_bytes,
    decoded,
    open_image,
    pixel_limit,
)
from biprompt.io.pixels import convert, is_deep, rgb_from_array, rgb_from_pil
from biprompt.io.two_values import two_valued

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

    A mask is black and one other colour; that colour is the foreground, whatever it is: 1 of 255
    or of 65535 will do, and nothing is scaled first. Palettes are looked up, so what counts is the
    colour that is shown, not the index. Where the file has alpha or transparency, what is not
    transparent and not black is the foreground, of any colour.

    The noise of a JPEG and smoothed edges are tolerated: up to 8 % of the pixels may be farther
    from both colours than an eighth of the brightest value. What is nearer to the foreground's
    colour than to black then counts as foreground. A photograph is refused, and so is a map of
    several labels.

    Args:
        path: the file; its EXIF orientation is applied.
        hw: the `(height, width)` the mask must have; None takes any.
        max_pixels: as in `load_image`.

    Returns:
        `(H, W)` bool.

    Raises:
        ImageError: as in `load_image`, or the mask is of another size than `hw`, or it is no mask
            but a picture of more than two values.
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
    return two_valued(_values(image, path), lossy=image.format in LOSSY, path=path)


def _values(image: Image.Image, path: str) -> NDArray[Any]:
    """Return what tells foreground from background, `(H, W, C)`, 0 for background."""
    if is_deep(image):
        deep = np.asarray(image)
        # In floats, as the smallest integer has no absolute value; NaN is background.
        return np.nan_to_num(np.abs(deep.astype(np.float64)))[:, :, None]
    if not image.has_transparency_data:
        grey = image.mode in ("1", "L")
        return np.atleast_3d(np.asarray(convert(image, "L" if grey else "RGB", path)))
    rgba = np.asarray(convert(image, "RGBA", path))
    colour, alpha = rgba[:, :, :3], rgba[:, :, 3:]
    if alpha.min() == alpha.max() > 0:
        return colour
    return np.asarray(alpha * colour.any(axis=2, keepdims=True))
