"""From any pixel layout to plain 8-bit RGB: one pure function for arrays, one for Pillow images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.errors import ImageError

FLOAT_SLACK = 1e-5
"""How far a float pixel may stray outside [0, 1]: rounding after an interpolation, no more."""

_SHAPES = "an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4)"
_DTYPES = "dtype bool, uint8, uint16 or float"


def rgb_from_array(array: NDArray[Any], path: str | None = None) -> NDArray[np.uint8]:
    """Turn an array of pixels into 8-bit RGB.

    Args:
        array: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` RGB or `(H, W, 4)` RGBA. `bool` counts as 0 and
            255; `uint8` is kept; `uint16` is scaled by 255 / 65535 and rounded, never clipped;
            floats lie in [0, 1] and are scaled by 255 and rounded.
        path: the file the pixels came from, for the error message.

    Returns:
        `(H, W, 3)` uint8 RGB, C-contiguous, never sharing memory with `array`. Alpha is
        composited on white.

    Raises:
        ImageError: another shape or dtype, no pixels, or floats that are not finite in [0, 1].
    """
    _check_shape(array, path)
    pixels = _to_uint8(array, path)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.shape[2] == 4:
        return _on_white(pixels)
    rgb = np.empty((*pixels.shape[:2], 3), dtype=np.uint8)
    rgb[:] = pixels
    return rgb


def rgb_from_pil(image: Image.Image, path: str | None = None) -> NDArray[np.uint8]:
    """Turn a Pillow image of any mode into 8-bit RGB.

    Palettes are looked up; CMYK and YCbCr are converted without colour profiles; alpha and
    transparent palette entries are composited on white. 16-bit grey (`I;16`, or `I` with values
    in 0..65535) is scaled to 8 bits by 255 / 65535 and rounded, float grey (`F`) lies in [0, 1].
    16-bit colour never reaches this function: Pillow itself keeps its upper 8 bits (value // 256),
    which scales it too and clips nothing.

    Args:
        image: a Pillow image; it is not changed.
        path: the file it came from, for the error message.

    Returns:
        `(H, W, 3)` uint8 RGB, C-contiguous.

    Raises:
        ImageError: no pixels, values outside the range above, or a mode that cannot be converted.
    """
    if image.width == 0 or image.height == 0:
        raise zero_sized((image.height, image.width), path)
    if is_deep(image):
        return rgb_from_array(_deep_values(image, path), path)
    if image.has_transparency_data:
        return _on_white(np.asarray(convert(image, "RGBA", path)))
    return np.array(convert(image, "RGB", path))


def is_deep(image: Image.Image) -> bool:
    """Say whether one channel holds more than 8 bits: Pillow would clip it when converting."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def convert(image: Image.Image, mode: str, path: str | None) -> Image.Image:
    """Convert an 8-bit image to `mode`; ImageError where Pillow knows no way."""
    try:
        # Pillow has no direct way from premultiplied grey to RGBA.
        straight = image.convert("LA") if image.mode == "La" else image
        return straight.convert(mode)
    except Exception as error:
        raise ImageError(
            "pixel format",
            expected="grey, palette, RGB, CMYK or YCbCr, with or without alpha",
            actual=f"mode {image.mode}",
            path=path,
        ) from error


def zero_sized(hw: tuple[int, int], path: str | None) -> ImageError:
    """Build the error for an image without pixels."""
    return ImageError(
        "image size",
        expected="at least 1 x 1 pixels",
        actual=f"{hw[1]} x {hw[0]} (width x height)",
        path=path,
    )


def _deep_values(image: Image.Image, path: str | None) -> NDArray[Any]:
    values = np.asarray(image)
    if image.mode != "I":
        return values
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65535:
        raise ImageError(
            "grey values", expected="values in 0..65535", actual=f"{low}..{high}", path=path
        )
    return values.astype(np.uint16)


def _check_shape(array: NDArray[Any], path: str | None) -> None:
    channels = array.shape[2:]
    if array.ndim not in (2, 3) or channels not in ((), (1,), (3,), (4,)):
        raise ImageError("image shape", expected=_SHAPES, actual=array.shape, path=path)
    if array.size == 0:
        raise zero_sized(array.shape[:2], path)


def _to_uint8(array: NDArray[Any], path: str | None) -> NDArray[np.uint8]:
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind == "u" and size == 1:
        return array
    if kind == "u" and size == 2:
        # 65535 = 255 * 257, so this is the rounded value * 255 / 65535 in integers.
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if kind == "f":
        return _float_to_uint8(array, path)
    raise ImageError("image dtype", expected=_DTYPES, actual=array.dtype, path=path)


def _float_to_uint8(array: NDArray[Any], path: str | None) -> NDArray[np.uint8]:
    low, high = float(array.min()), float(array.max())
    # NaN fails both comparisons.
    if not (low >= -FLOAT_SLACK and high <= 1 + FLOAT_SLACK):
        raise ImageError(
            "float pixels",
            expected="finite values in [0, 1]",
            actual=f"{low:g}..{high:g}",
            path=path,
        )
    scaled = np.rint(array.astype(np.float32) * 255)
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Composite `(H, W, 4)` straight alpha on white, rounded; 255 * 255 + 127 fits uint16."""
    alpha = rgba[:, :, 3].astype(np.uint16)
    white = 255 * (255 - alpha) + 127
    rgb = np.empty((*alpha.shape, 3), dtype=np.uint8)
    for channel in range(3):
        rgb[:, :, channel] = (rgba[:, :, channel] * alpha + white) // 255
    return rgb


def resize_pixels(pixels: NDArray[np.uint8], hw: tuple[int, int]) -> NDArray[np.uint8]:
    """An image ``(H, W, 3)`` at another size; bilinear, and area-averaging when it shrinks."""
    if pixels.shape[:2] == hw:
        return pixels
    # Along an axis at least 4 times as long as wanted, a quick box filter goes first.
    size, bilinear = (hw[1], hw[0]), Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(pixels).resize(size, bilinear, reducing_gap=2.0))
