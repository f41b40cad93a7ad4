"""Photographs as a browser shows them: always made anew from the pixels, never the upload."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.io.formats.png import image_png

_QUALITY = 92
_JPEG = b"\xff\xd8"


def picture(pixels: NDArray[np.uint8], upload: bytes) -> tuple[bytes, str]:
    """An image file of the pixels, and its media type: JPEG where a JPEG was sent, else PNG.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        upload: the file they came from.
    """
    if not upload.startswith(_JPEG):
        return image_png(pixels), "image/png"
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue(), "image/jpeg"
