"""Open an image file safely: one ImageError for everything that can be wrong with it."""

from __future__ import annotations

import importlib
import io
import os
import stat
from collections.abc import Callable
from typing import IO

from PIL import Image

from biprompt.errors import ImageError, InputError
from biprompt.io.pixels import zero_sized

DEFAULT_MAX_PIXELS = 100_000_000
"""Largest image that is opened, in pixels, unless the caller or the environment says otherwise."""

MAX_PIXELS_VARIABLE = "BIPROMPT_MAX_PIXELS"
"""Environment variable that replaces DEFAULT_MAX_PIXELS."""

FORMATS = "a JPEG, PNG, WebP, TIFF, BMP, GIF or PNM image"

LOSSY = ("JPEG", "MPO", "WEBP")
"""Pillow's names of the formats that do not keep every value."""

_PLUGINS = {"JPEG": "Jpeg", "PNG": "Png", "WEBP": "WebP", "TIFF": "Tiff", "BMP": "Bmp",
            "GIF": "Gif", "PPM": "Ppm"}  # fmt: skip
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def pixel_limit(max_pixels: int | None = None) -> int:
    """Return the pixel limit in force: the argument, else the environment, else the default.

    Raises:
        InputError: the argument or BIPROMPT_MAX_PIXELS is not a whole number above 0.
    """
    if max_pixels is not None:
        return _positive("max_pixels", max_pixels)
    return _positive(MAX_PIXELS_VARIABLE, os.environ.get(MAX_PIXELS_VARIABLE) or DEFAULT_MAX_PIXELS)


def check_size(hw: tuple[int, int], limit: int, path: str | None) -> None:
    """Raise ImageError unless `hw` (height, width) has between 1 and `limit` pixels."""
    height, width = hw
    if height < 1 or width < 1:
        raise zero_sized(hw, path)
    if height * width > limit:
        raise _too_large(limit, f"{width} x {height} = {height * width} pixels", path)


def open_image(path: str, limit: int) -> Image.Image:
    """Decode the first frame of an image file, upright.

    The size is read from the header and checked before any pixel is decoded. Only the formats
    named in `FORMATS` are tried, so that a hostile file reaches no rarely used parser.

    Args:
        path: the file.
        limit: largest number of pixels.

    Returns:
        A loaded Pillow image with the EXIF orientation applied.

    Raises:
        ImageError: the file is missing, a folder, empty, unreadable, not an image, truncated,
            damaged, without pixels, or larger than `limit`.
    """
    with _opened(path) as file:
        return _decode(file, limit, path)


def header_of(path: str) -> Image.Image:
    """Read the header of an image file: its size, format and tags; no pixels, and no limit.

    Raises:
        ImageError: as in `open_image`, of what can be known from the header.
    """
    with _opened(path) as file:
        return _parse_header(file, 0, path)


def decode_bytes(data: bytes, limit: int) -> Image.Image:
    """Decode the first frame of an image file held in memory, as `open_image` does.

    Args:
        data: the content of the file.
        limit: largest number of pixels.

    Raises:
        ImageError: as in `open_image`.
    """
    if not data:
        raise ImageError("image file", expected=FORMATS, actual="an empty file")
    return _decode(io.BytesIO(data), limit, None)


def decoded(image: Image.Image, path: str | None) -> Image.Image:
    """Load a Pillow image that may still be lazy and turn it upright; ImageError if damaged."""
    try:
        image.load()
    except Exception as error:
        raise _damaged(error, path) from error
    method = _UPRIGHT.get(_orientation(image))
    if method is None:
        return image
    upright = image.transpose(method)
    upright.format = image.format  # which a new image lacks
    return upright


def _decode(file: IO[bytes], limit: int, path: str | None) -> Image.Image:
    image = _parse_header(file, limit, path)
    check_size((image.height, image.width), limit, path)
    return decoded(image, path)


def _positive(name: str, value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise InputError(name, expected="a whole number of pixels above 0", actual=repr(value))
    return number


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:
        # A damaged EXIF block says nothing against the pixels.
        return 1


def _opened(path: str) -> IO[bytes]:
    try:
        status = os.stat(path)
        # Asked before opening: opening a pipe would wait for somebody to write.
        _check_kind(status, path)
        return open(path, "rb")
    except (OSError, ValueError) as error:
        raise _unreadable(error, path) from error


def _check_kind(status: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ImageError("image file", expected="a file", actual="a folder", path=path)
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("image file", expected="a regular file", actual="a device", path=path)
    if status.st_size == 0:
        raise ImageError("image file", expected=FORMATS, actual="an empty file", path=path)


def _unreadable(error: OSError | ValueError, path: str) -> ImageError:
    if isinstance(error, ImageError):
        return error
    if isinstance(error, FileNotFoundError):
        actual = "no such file"
    else:
        actual = getattr(error, "strerror", None) or str(error)
    return ImageError("image file", expected="a readable file", actual=actual, path=path)


def _parse_header(file: IO[bytes], limit: int, path: str | None) -> Image.Image:
    factory = _factory(file.read(16), path)
    file.seek(0)
    try:
        return factory(file, path or "")
    except Image.DecompressionBombError as error:
        raise _too_large(limit, f"an image beyond Pillow's limit ({error})", path) from error
    except Exception as error:
        raise _damaged(error, path) from error


def _factory(prefix: bytes, path: str | None) -> Callable[[IO[bytes], str], Image.Image]:
    # The plug-ins are called directly: Image.open would apply Pillow's own, global pixel limit.
    for name, module in _PLUGINS.items():
        importlib.import_module(f"PIL.{module}ImagePlugin")
        factory, accept = Image.OPEN.get(name, (None, None))
        if factory is not None and accept is not None and accept(prefix) is True:
            return factory
    raise ImageError("image file", expected=FORMATS, actual="something else", path=path)


def _too_large(limit: int, actual: str, path: str | None) -> ImageError:
    return ImageError(
        "image too large",
        expected=f"at most {limit} pixels (raise it with max_pixels or {MAX_PIXELS_VARIABLE})",
        actual=actual,
        path=path,
    )


def _damaged(error: Exception, path: str | None) -> ImageError:
    said = str(error)
    return ImageError(
        "image data",
        expected="a complete, undamaged image of a usual pixel format",
        # Some of Pillow's errors are a bare number.
        actual=said if " " in said else f"{type(error).__name__} {said}".strip(),
        path=path,
    )
