"""Images from the bytes of a file, as a server gets them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import ImageError
from biprompt.io.images import load_image

PHOTO = np.random.default_rng(5).integers(0, 256, (20, 30, 3), np.uint8)
ROTATED = 6


def encoded(format: str, **more: object) -> bytes:
    stream = BytesIO()
    Image.fromarray(PHOTO).save(stream, format, **more)
    return stream.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM"])
def test_bytes_give_what_the_file_gives(tmp_path: Path, format: str) -> None:
    data = encoded(format)
    (tmp_path / "a").write_bytes(data)
    loaded = load_image(data)
    assert loaded.path is None
    assert np.array_equal(loaded.pixels, load_image(tmp_path / "a").pixels)


def test_bytes_are_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = ROTATED
    assert load_image(encoded("JPEG", exif=exif)).hw == (30, 20)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "got an empty file"),
        (b"GIF89a and no more", "a complete, undamaged image"),
        (b"<svg/>", "expected a JPEG, PNG"),
        (encoded("PNG")[:-200], "a complete, undamaged image"),
    ],
)
def test_bytes_that_are_no_image(data: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        load_image(data)


def test_size_is_checked_before_decoding() -> None:
    with pytest.raises(ImageError, match="at most 599 pixels"):
        load_image(encoded("PNG"), max_pixels=599)
