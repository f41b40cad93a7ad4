"""Rasters in memory: windows, and shrinking without turning all of it into one array."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import ImageError
from biprompt.io.images import load_image
from biprompt.io.raster import decoded, file_hw, open_raster
from biprompt.io.raster.base import longest
from biprompt.masks import Window

PIXELS = np.random.default_rng(0).integers(0, 256, (40, 61, 3), np.uint8)
WINDOW = Window(7, 3, 50, 33)


@pytest.mark.parametrize("kind", ["array", "pillow", "bytes", "path", "memmap"])
def test_windows_are_those_of_the_plain_image(kind, tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    if kind == "memmap":
        np.save(tmp_path / "a.npy", PIXELS)
    sources = {
        "array": lambda: PIXELS, "pillow": lambda: Image.fromarray(PIXELS),
        "bytes": path.read_bytes, "path": lambda: path,
        "memmap": lambda: np.load(tmp_path / "a.npy", mmap_mode="r"),
    }  # fmt: skip
    raster = open_raster(sources[kind]())
    assert raster.hw == (40, 61)
    assert raster.reference is None
    assert raster.path == (str(path) if kind == "path" else None)
    assert np.array_equal(raster.read(WINDOW), PIXELS[3:33, 7:50])
    assert np.array_equal(raster.read(WINDOW, WINDOW.hw), PIXELS[3:33, 7:50])


def test_other_layouts_are_those_of_load_image():
    for array in (PIXELS[:, :, 0], np.dstack([PIXELS, PIXELS[:, :, :1]]), PIXELS[:, :, :1] / 255):
        plain = load_image(array).pixels
        assert np.array_equal(open_raster(array).read(WINDOW), plain[3:33, 7:50])


def test_a_photograph_is_upright(tmp_path):
    image = Image.fromarray(PIXELS)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.png", exif=exif)
    raster = open_raster(tmp_path / "a.png")
    assert raster.hw == (61, 40)
    assert np.array_equal(
        raster.read(Window.whole((61, 40))), load_image(tmp_path / "a.png").pixels
    )


@pytest.mark.parametrize("strip", [1, 200, 10**6])
def test_shrinking_averages_areas(monkeypatch, strip):
    monkeypatch.setattr(decoded, "_STRIP_PIXELS", strip)
    whole = Window.whole((40, 60))
    raster = open_raster(PIXELS[:, :60])
    small = raster.read(whole, (10, 15))
    means = PIXELS[:, :60].reshape(10, 4, 15, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 0.5 + 1e-9
    pillow = open_raster(Image.fromarray(PIXELS[:, :60])).read(whole, (10, 15))
    assert np.array_equal(pillow, small)


def test_what_is_no_image_is_said(tmp_path):
    with pytest.raises(ImageError, match=r"\(H, W\)"):
        open_raster(np.zeros(5))
    with pytest.raises(ImageError, match="no such file"):
        open_raster(tmp_path / "none.png")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ImageError, match="something else"):
        file_hw(tmp_path / "a.txt")
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="bands: expected a TIFF"):
        open_raster(tmp_path / "a.png", bands=(1, 2, 3))


def test_what_has_to_be_decoded_whole_has_a_limit(tmp_path, monkeypatch):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    monkeypatch.setattr("biprompt.io.raster.opening.MAX_DECODED_PIXELS", 1000)
    with pytest.raises(ImageError, match="at most 1000 pixels in this format; a TIFF"):
        open_raster(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("hw", "small"), [((100, 50), (10, 5)), ((3, 1000), (1, 10)), ((4, 5), (4, 5))]
)
def test_the_shape_is_kept(hw, small):
    assert longest(hw, 10) == small
