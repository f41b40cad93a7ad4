"""Everything that can be wrong with an image gives one ImageError of one line."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from biprompt.errors import ImageError, InputError
from biprompt.io.images import DEFAULT_MAX_PIXELS, load_image, pixel_limit, read_mask
from biprompt.io.pixels import convert

PHOTO = np.random.default_rng(3).integers(0, 256, (64, 80, 3), dtype=np.uint8)
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP", "gif": "GIF"}


def encoded(format: str) -> bytes:
    stream = BytesIO()
    Image.fromarray(PHOTO).save(stream, format)
    return stream.getvalue()


def refused(path: object) -> str:
    """Return the message of the one error, checking that both readers raise it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ImageError) as caught:
            load_image(path)  # type: ignore[arg-type]
        with pytest.raises(ImageError):
            read_mask(path)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message and "expected" in message
    return message


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    data = encoded(FORMATS[suffix])
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data[: max(int(len(data) * share), 20)])
    assert "expected a complete, undamaged image" in refused(path)


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=200), st.integers(0, 40))
def test_garbage_behind_a_good_start(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, junk: bytes, start: int
) -> None:
    path = tmp_path_factory.mktemp("junk") / "a"
    path.write_bytes(encoded(FORMATS[suffix])[:start] + junk)
    with warnings.catch_warnings():
        # What Pillow says about odd metadata is not ours; only the error counts here.
        warnings.simplefilter("ignore")
        try:
            load_image(path)
        except ImageError as error:
            assert "\n" not in str(error)


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.touch()
    assert refused(path).endswith("got an empty file")


def test_folder(tmp_path: Path) -> None:
    assert refused(tmp_path).endswith("expected a file, got a folder")


def test_missing(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.png").endswith("got no such file")


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 5000, 3, None, b"a.png", ["a.png"]])
def test_not_a_path(path: object) -> None:
    refused(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "a regular file" in refused(tmp_path / "pipe")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded("PNG"))

    def no(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, who may read everything.
    monkeypatch.setattr("builtins.open", no)
    assert refused(path).endswith("expected a readable file, got Permission denied")


@pytest.mark.parametrize(
    "data", [b"hello, I am a text file", b"%PDF-1.4\n", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\0" * 99]
)
def test_not_an_image(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert "expected a JPEG, PNG, WebP, TIFF, BMP, GIF or PNM image" in refused(path)


def png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    idat = b"IDAT" + zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (body, idat)
    )


def test_file_without_pixels(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_header(0, 5))
    refused(tmp_path / "a.png")


@pytest.mark.parametrize(("width", "height"), [(10001, 10000), (60000, 60000), (2**31 - 1, 9)])
def test_absurdly_large(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_header(width, height))
    assert refused(path) == (
        f"{path}: image too large: expected at most {DEFAULT_MAX_PIXELS} pixels "
        f"(raise it with max_pixels or BIPROMPT_MAX_PIXELS), "
        f"got {width} x {height} = {width * height} pixels"
    )


def test_large_webp_which_pillow_refuses_by_itself(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("RGB", (16, 16)).save(stream, "WEBP", lossless=True)
    data = bytearray(stream.getvalue())
    # The lossless header packs width - 1 and height - 1 in 14 bits each, behind one magic byte.
    at = data.index(b"VP8L") + 9
    data[at : at + 4] = struct.pack("<I", 16382 | 16382 << 14)
    (tmp_path / "a.webp").write_bytes(data)
    assert "expected at most 100000000 pixels" in refused(tmp_path / "a.webp")


def test_limit_from_argument_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded("PNG"))
    count = PHOTO.shape[0] * PHOTO.shape[1]
    monkeypatch.setenv("BIPROMPT_MAX_PIXELS", str(count - 1))
    for source in (path, PHOTO, Image.fromarray(PHOTO)):
        with pytest.raises(ImageError, match=f"at most {count - 1} pixels"):
            load_image(source)
        assert load_image(source, max_pixels=count).hw == (64, 80)
    monkeypatch.setenv("BIPROMPT_MAX_PIXELS", str(count))
    assert load_image(path).hw == (64, 80)
    monkeypatch.setenv("BIPROMPT_MAX_PIXELS", "")
    assert pixel_limit() == DEFAULT_MAX_PIXELS


@pytest.mark.parametrize("value", ["many", "0", "-5", "1.5"])
def test_limit_that_is_no_limit(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("BIPROMPT_MAX_PIXELS", value)
    with pytest.raises(InputError, match="BIPROMPT_MAX_PIXELS: expected a whole number"):
        pixel_limit()
    with pytest.raises(InputError, match="max_pixels: expected a whole number"):
        pixel_limit(0)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(4, np.uint8), "image shape"),
        (np.zeros((3, 4, 5), np.uint8), "image shape"),
        (np.zeros((4, 4, 2), np.uint8), "image shape"),
        (np.zeros((2, 4, 4, 3), np.uint8), "image shape"),
        (np.uint8(3)[()], "a numpy array"),
        (np.array(3, np.uint8), "image shape"),
        (np.zeros((0, 4, 3), np.uint8), "image size"),
        (np.zeros((4, 0), np.uint8), "image size"),
        (np.zeros((4, 4), np.int64), "image dtype"),
        (np.zeros((4, 4), np.complex128), "image dtype"),
        (np.zeros((4, 4), object), "image dtype"),
        (np.full((4, 4), 255.0), "float pixels"),
        (np.full((4, 4), -0.1), "float pixels"),
        (np.full((4, 4), np.nan), "float pixels"),
        (np.array([[0.5, np.inf]]), "float pixels"),
        (Image.new("RGB", (0, 3)), "image size"),
        (Image.new("F", (2, 2), 300.0), "float pixels"),
    ],
)
def test_wrong_values(array: object, said: str) -> None:
    with pytest.raises(ImageError) as caught:
        load_image(array)  # type: ignore[arg-type]
    assert said in str(caught.value)


def test_mode_that_pillow_cannot_convert() -> None:
    with pytest.raises(ImageError, match=r"pixel format: expected grey, .* got mode HSV"):
        convert(Image.new("HSV", (2, 2)), "none", None)


def test_lazy_pillow_image_that_is_truncated(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded("JPEG")[:1500])
    with Image.open(path) as image, pytest.raises(ImageError) as caught:
        load_image(image)
    assert str(caught.value).startswith(f"{path}: image data: expected a complete")
