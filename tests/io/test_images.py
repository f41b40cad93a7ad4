"""Every pixel layout a file, a Pillow image or an array may have, against plain arithmetic."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw, ImageFilter

from biprompt.errors import ImageError
from biprompt.io.images import load_image, read_mask

RNG = np.random.default_rng(7)
COLOUR = RNG.integers(0, 256, (11, 17, 3), dtype=np.uint8)
GREY16 = RNG.integers(0, 65536, (9, 13), dtype=np.uint16)

# What an upright image looks like as stored, written out pixel by pixel from the EXIF standard:
# the visual position (row, column) of the stored pixel (r, c) of an h x w file.
PLACES = {
    1: lambda r, c, h, w: (r, c),
    2: lambda r, c, h, w: (r, w - 1 - c),
    3: lambda r, c, h, w: (h - 1 - r, w - 1 - c),
    4: lambda r, c, h, w: (h - 1 - r, c),
    5: lambda r, c, h, w: (c, r),
    6: lambda r, c, h, w: (c, h - 1 - r),
    7: lambda r, c, h, w: (w - 1 - c, h - 1 - r),
    8: lambda r, c, h, w: (w - 1 - c, r),
}


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    height, width = stored.shape[:2]
    hw = (height, width) if orientation < 5 else (width, height)
    result = np.empty((*hw, *stored.shape[2:]), stored.dtype)
    for row in range(height):
        for column in range(width):
            result[PLACES[orientation](row, column, height, width)] = stored[row, column]
    return result


def on_white(rgba: np.ndarray) -> np.ndarray:
    alpha = rgba[..., 3:].astype(float) / 255
    return np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha))


def png16(array: np.ndarray) -> bytes:
    """Write a 16-bit grey, RGB or RGBA PNG by hand: Pillow cannot write 16-bit colour."""
    kind = {1: 0, 3: 2, 4: 6}[1 if array.ndim == 2 else array.shape[2]]
    height, width = array.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", ["png", "webp", "tif", "bmp", "ppm"])
def test_lossless_formats_give_the_very_pixels(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(COLOUR).save(path, **({"lossless": True} if suffix == "webp" else {}))
    loaded = load_image(path)
    assert np.array_equal(loaded.pixels, COLOUR)
    assert loaded.pixels.dtype == np.uint8 and loaded.pixels.flags.c_contiguous
    assert loaded.path == str(path) and loaded.hw == (11, 17)


def test_jpeg_is_near(tmp_path: Path) -> None:
    smooth = np.tile(np.arange(64, dtype=np.uint8)[:, None, None] * 3, (1, 48, 3))
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth).save(path, quality=95)
    assert np.abs(load_image(path).pixels.astype(int) - smooth).max() < 6


def test_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(COLOUR).save(path, format="PNG")
    assert np.array_equal(load_image(path).pixels, COLOUR)


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_of_several_frames_the_first(tmp_path: Path, suffix: str) -> None:
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "lime", "blue")]
    path = tmp_path / f"a.{suffix}"
    extra = {"lossless": True} if suffix == "webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], **extra)
    assert (load_image(path).pixels == (255, 0, 0)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_exif_orientation(tmp_path: Path, orientation: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{suffix}"
    extra = {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(COLOUR).save(path, exif=exif, **extra)
    expected = upright(COLOUR, orientation)
    assert np.array_equal(load_image(path).pixels, expected)
    with Image.open(path) as image:
        assert np.array_equal(load_image(image).pixels, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_a_jpeg(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(COLOUR)
    image.save(tmp_path / "plain.jpg", quality=100, subsampling=0)
    image.save(tmp_path / "turned.jpg", quality=100, subsampling=0, exif=exif)
    plain = load_image(tmp_path / "plain.jpg").pixels
    assert np.array_equal(load_image(tmp_path / "turned.jpg").pixels, upright(plain, orientation))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_unknown_orientation_leaves_the_image(tmp_path: Path, value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    Image.fromarray(COLOUR).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(load_image(tmp_path / "a.png").pixels, COLOUR)


def test_damaged_exif_does_not_matter(tmp_path: Path) -> None:
    Image.fromarray(COLOUR).save(tmp_path / "a.png", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xffjunk")
    assert np.array_equal(load_image(tmp_path / "a.png").pixels, COLOUR)


def test_alpha_is_composited_on_white(tmp_path: Path) -> None:
    rgba = RNG.integers(0, 256, (16, 16, 4), dtype=np.uint8)
    Image.fromarray(rgba).save(tmp_path / "a.png")
    assert np.array_equal(load_image(tmp_path / "a.png").pixels, on_white(rgba))
    assert np.array_equal(load_image(rgba).pixels, on_white(rgba))


@pytest.mark.parametrize("mode", ["LA", "PA", "La", "RGBa", "RGBX"])
def test_other_alpha_modes(mode: str) -> None:
    image = Image.new("RGBA", (3, 2), (0, 0, 0, 255)).convert("RGBA")
    image = image.convert("LA").convert("La") if mode == "La" else _as_mode(image, mode)
    assert image.mode == mode
    assert (load_image(image).pixels == 0).all()


def _as_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "PA":
        return image.convert("P").convert("PA")
    return image.convert("RGB").convert(mode) if mode == "RGBX" else image.convert(mode)


@pytest.mark.parametrize("transparency", [1, bytes([255, 0, 255])])
def test_transparent_palette_entries_are_white(tmp_path: Path, transparency: int | bytes) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    image.save(tmp_path / "a.png", transparency=transparency)
    expected = [[(10, 20, 30), (255, 255, 255), (70, 80, 90)]]
    assert load_image(tmp_path / "a.png").pixels.tolist() == np.array(expected).tolist()


def test_transparent_colour_of_an_rgb_png(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[(1, 2, 3), (4, 5, 6)]], np.uint8))
    image.save(tmp_path / "a.png", transparency=(1, 2, 3))
    assert load_image(tmp_path / "a.png").pixels.tolist() == [[[255, 255, 255], [4, 5, 6]]]


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(COLOUR).convert(mode)
    image.save(tmp_path / "a.png")
    expected = np.asarray(image.convert("L"))
    assert np.array_equal(load_image(tmp_path / "a.png").pixels, np.stack([expected] * 3, axis=2))


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk(tmp_path: Path, suffix: str) -> None:
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / f"a.{suffix}")
    assert np.abs(load_image(tmp_path / f"a.{suffix}").pixels - np.array([255, 0, 0])).max() < 4


def test_16_bit_grey_is_scaled_and_rounded(tmp_path: Path) -> None:
    expected = np.rint(GREY16 / 65535 * 255)
    (tmp_path / "a.png").write_bytes(png16(GREY16))
    Image.fromarray(GREY16).save(tmp_path / "a.tif")
    for source in (tmp_path / "a.png", tmp_path / "a.tif", GREY16, GREY16.astype(">u2")):
        assert np.array_equal(load_image(source).pixels[..., 1], expected)


def test_mode_i_is_scaled_and_not_clipped() -> None:
    image = Image.fromarray(GREY16.astype(np.int32))
    assert image.mode == "I"
    assert np.array_equal(load_image(image).pixels[..., 0], np.rint(GREY16 / 65535 * 255))
    for wrong in (-1, 65536):
        with pytest.raises(ImageError, match=r"expected values in 0\.\.65535"):
            load_image(Image.new("I", (2, 2), wrong))


@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colour_is_scaled(tmp_path: Path, channels: int) -> None:
    deep = RNG.integers(0, 65536, (9, 13, channels), dtype=np.uint16)
    deep[..., 3:] = 65535
    (tmp_path / "a.png").write_bytes(png16(deep))
    assert np.array_equal(load_image(tmp_path / "a.png").pixels, deep[..., :3] // 256)


def test_float_grey_image() -> None:
    values = RNG.random((5, 7), dtype=np.float32)
    image = Image.fromarray(values)
    assert image.mode == "F"
    assert np.array_equal(load_image(image).pixels[..., 2], np.rint(values * 255))


ARRAYS = st.one_of(
    [
        hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), **extra)
        for dtype, extra in (
            (np.bool_, {}),
            (np.uint8, {}),
            (np.uint16, {}),
            (np.float32, {"elements": st.floats(0, 1, width=32)}),
            (np.float64, {"elements": st.floats(0, 1)}),
        )
    ]
)


@given(ARRAYS, st.sampled_from(["plain", "one", "three"]))
def test_arrays_of_every_dtype(array: np.ndarray, layout: str) -> None:
    top = {"b": 1, "f": 1}.get(array.dtype.kind) or np.iinfo(array.dtype).max
    expected = np.rint(array.astype(np.float64) / top * 255)
    shaped = {
        "plain": array,
        "one": array[..., None],
        "three": np.repeat(array[..., None], 3, axis=2),
    }[layout]
    pixels = load_image(shaped).pixels
    assert pixels.shape == (*array.shape, 3) and pixels.flags.c_contiguous
    # Half a grey level may round either way in single precision.
    assert np.abs(pixels - expected[..., None]).max() <= (array.dtype.kind == "f")


def test_memory_is_not_shared() -> None:
    for source in (COLOUR.copy(), np.asfortranarray(COLOUR), COLOUR[::-1, ::2]):
        loaded = load_image(source)
        assert loaded.path is None and not np.shares_memory(loaded.pixels, source)
        assert np.array_equal(loaded.pixels, source)


def test_pillow_image_is_left_alone() -> None:
    image = Image.fromarray(COLOUR)
    pixels = load_image(image).pixels
    pixels[:] = 0
    assert np.array_equal(np.asarray(image), COLOUR)


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20)))
def test_mask_round_trip(tmp_path_factory: pytest.TempPathFactory, mask: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("masks") / "m.png"
    Image.fromarray(mask).save(path)
    assert np.array_equal(read_mask(path, mask.shape), mask)


def test_mask_layouts(tmp_path: Path) -> None:
    mask = RNG.random((6, 9)) > 0.5
    palette = Image.fromarray(mask.astype(np.uint8)).convert("P")
    palette.putpalette([0, 0, 0, 0, 0, 9])
    one = mask.astype(np.uint8)
    cases = {
        "grey.png": Image.fromarray(one),
        "colour.bmp": Image.fromarray(np.stack([one * 0, one, one * 0], axis=2)),
        "palette.png": palette,
        "grey16.png": Image.fromarray(mask.astype(np.uint16)),
        "grey16.tif": Image.fromarray(mask.astype(np.uint16)),
        "float.tif": Image.fromarray(mask.astype(np.float32) * 1e-6),
        "alpha.png": Image.fromarray(np.stack([one * 0 + 255] * 3 + [one], axis=2)),
        "grey.gif": Image.fromarray(one * 255),
    }
    for name, image in cases.items():
        image.save(tmp_path / name)
        assert np.array_equal(read_mask(tmp_path / name), mask), name


def test_mask_is_turned_upright(tmp_path: Path) -> None:
    mask = RNG.random((6, 9)) > 0.5
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(mask).save(tmp_path / "m.png", exif=exif)
    assert np.array_equal(read_mask(tmp_path / "m.png", (9, 6)), upright(mask, 6))


def test_nan_in_a_float_mask_is_background(tmp_path: Path) -> None:
    Image.fromarray(np.array([[np.nan, 1, 0]], np.float32)).save(tmp_path / "m.tif")
    assert read_mask(tmp_path / "m.tif").tolist() == [[False, True, False]]


def test_mask_of_another_size(tmp_path: Path) -> None:
    Image.new("L", (5, 4)).save(tmp_path / "m.png")
    with pytest.raises(ImageError) as caught:
        read_mask(tmp_path / "m.png", (4, 6))
    assert str(caught.value) == (
        f"{tmp_path / 'm.png'}: mask size: "
        "expected 6 x 4 pixels (width x height), as the image, got 5 x 4"
    )


def shapes(hw: tuple[int, int]) -> Image.Image:
    image = Image.new("L", hw[::-1])
    draw = ImageDraw.Draw(image)
    draw.ellipse((hw[1] // 5, hw[0] // 6, hw[1] // 2, hw[0] // 2), fill=255)
    draw.rectangle((hw[1] // 2, hw[0] // 2, hw[1] * 3 // 4, hw[0] * 4 // 5), fill=255)
    return image


@pytest.mark.parametrize(
    ("quality", "colour"),
    [
        *((quality, (255, 255, 255)) for quality in (10, 50, 75, 95)),
        *((quality, (40, 160, 250)) for quality in (50, 95)),
    ],
)
@pytest.mark.parametrize("hw", [(120, 90), (301, 452)])
def test_a_mask_saved_as_jpeg(
    tmp_path: Path, quality: int, colour: tuple[int, int, int], hw: tuple[int, int]
) -> None:
    mask = np.asarray(shapes(hw)) > 0
    image = Image.fromarray((mask[..., None] * np.array(colour)).astype(np.uint8))
    image.save(tmp_path / "m.jpg", quality=quality)
    read = read_mask(tmp_path / "m.jpg")
    assert (np.asarray(Image.open(tmp_path / "m.jpg"))[~mask] > 0).any()  # there is noise
    assert (read != mask).mean() < 0.01
    quiet = ~np.asarray(shapes(hw).filter(ImageFilter.MaxFilter(5))).astype(bool)
    assert not read[quiet].any()


def test_a_jpeg_mask_that_is_turned_keeps_its_tolerance(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.fromarray(np.repeat(np.array([[0, 1, 254, 255]], np.uint8), 4, axis=1))
    image.resize((64, 64), Image.Resampling.NEAREST).save(
        tmp_path / "m.jpg", quality=100, subsampling=0, exif=exif
    )
    stored = np.asarray(Image.open(tmp_path / "m.jpg"))
    assert 2 < len(np.unique(stored)) <= 4
    assert np.array_equal(read_mask(tmp_path / "m.jpg"), upright(stored > 127, 6))


@pytest.mark.parametrize("size", [(70, 90), (60, 45)])
def test_a_mask_with_smooth_edges(tmp_path: Path, size: tuple[int, int]) -> None:
    small = shapes((120, 180)).resize(size, Image.Resampling.BILINEAR)
    assert len(np.unique(np.asarray(small))) > 4
    small.save(tmp_path / "m.png")
    assert np.array_equal(read_mask(tmp_path / "m.png"), np.asarray(small) > 127)


def test_a_cut_out_is_what_is_not_transparent(tmp_path: Path) -> None:
    mask = np.asarray(shapes((60, 80))) > 0
    photo = RNG.integers(1, 256, (60, 80, 3), dtype=np.uint8)
    rgba = np.dstack([photo, mask.astype(np.uint8) * 255])
    Image.fromarray(rgba).save(tmp_path / "m.png")
    assert np.array_equal(read_mask(tmp_path / "m.png"), mask)


def test_a_mask_without_background_is_all_foreground(tmp_path: Path) -> None:
    for name, value in (("white.png", 255), ("grey.jpg", 100), ("one.png", 1)):
        Image.new("L", (40, 30), value).save(tmp_path / name)
        assert read_mask(tmp_path / name).all()


PHOTOGRAPHS = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))


@pytest.mark.parametrize("path", PHOTOGRAPHS, ids=lambda path: path.stem)
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "F"])
def test_a_photograph_is_no_mask(tmp_path: Path, path: Path, mode: str) -> None:
    copy = tmp_path / ("m.tif" if mode == "F" else "m.png")
    Image.open(path).convert(mode).save(copy)
    for file in (path, copy):
        with pytest.raises(ImageError) as caught:
            read_mask(file)
        assert str(caught.value).startswith(
            f"{file}: mask: expected black and one other colour, as white on black, got "
        )


@pytest.mark.parametrize(
    "values",
    [(0, 1, 2), (0, 128, 255), (0, 1, 255), (0, 1, 2, 255), (100, 255)],
    ids=lambda values: "-".join(map(str, values)),
)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_map_of_several_labels_is_no_mask(tmp_path: Path, values: tuple[int, ...], depth) -> None:  # type: ignore[no-untyped-def]
    labels = np.full((40, 40), values[0], depth)
    for number, value in enumerate(values[1:]):
        labels[4 * number : 4 * number + 4, : 5 if len(values) > 2 else 40] = value
    Image.fromarray(labels).save(tmp_path / "m.png")
    with pytest.raises(ImageError, match="mask: expected black and one other colour"):
        read_mask(tmp_path / "m.png")


def test_labels_of_several_colours_are_no_mask(tmp_path: Path) -> None:
    labels = Image.new("P", (3, 2))
    labels.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    labels.putdata([0, 1, 2, 0, 1, 2])
    labels.save(tmp_path / "m.png")
    with pytest.raises(ImageError, match="got 3 colours"):
        read_mask(tmp_path / "m.png")
