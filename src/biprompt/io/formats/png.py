"""PNG bytes of masks and pictures."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.formats import notes
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.names import safe_word
from biprompt.io.formats.objects import LabelledImage


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Write a mask for each object; without any object, one that is empty.

    The files of several objects are numbered and called after their labels. A tolerance changes
    nothing.
    """
    lost = notes.labels_lost(image)
    masks = [mask_png(thing.mask) for thing in image.objects]
    if len(masks) > 1:
        tails = [
            f"-{number}-{safe_word(thing.label)}.png"
            for number, thing in enumerate(image.objects, start=1)
        ]
    else:
        tails, masks = [".png"], masks or [mask_png(np.zeros(image.hw, np.bool_))]
    files = tuple(map(ExportedFile, tails, masks))
    return Written(files, (lost,) if lost else ())


def mask_png(mask: NDArray[np.bool_]) -> bytes:
    """Encode a mask as a PNG with one 8-bit channel: 255 foreground, 0 background.

    Args:
        mask: `(H, W)` bool, at least one pixel.

    Raises:
        InputError: another shape or dtype.
    """
    if mask.ndim != 2 or mask.dtype != np.bool_ or mask.size == 0:
        actual = f"shape {mask.shape} of {mask.dtype}"
        raise InputError("mask", expected="shape (H, W) of bool", actual=actual)
    return _encode(mask.astype(np.uint8) * np.uint8(255))


def image_png(pixels: NDArray[np.uint8]) -> bytes:
    """Encode an RGB picture as an 8-bit PNG.

    Args:
        pixels: `(H, W, 3)` uint8 RGB, at least one pixel.

    Raises:
        InputError: another shape or dtype.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        actual = f"shape {pixels.shape} of {pixels.dtype}"
        raise InputError("picture", expected="shape (H, W, 3) of uint8", actual=actual)
    return _encode(pixels)


def grey_png(values: NDArray[np.uint8]) -> bytes:
    """Encode one channel, a grey picture or numbers of labels, as an 8-bit PNG.

    Args:
        values: `(H, W)` uint8, at least one pixel.

    Raises:
        InputError: another shape or dtype.
    """
    if values.ndim != 2 or values.dtype != np.uint8 or values.size == 0:
        actual = f"shape {values.shape} of {values.dtype}"
        raise InputError("picture", expected="shape (H, W) of uint8", actual=actual)
    return _encode(values)


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    # Imported here: the command line names the formats without loading Pillow.
    from PIL import Image

    stream = BytesIO()
    # Level 4 takes less than half the time of Pillow's 6; a large photograph grows by 6 percent.
    Image.fromarray(pixels).save(stream, format="PNG", compress_level=4)
    return stream.getvalue()
