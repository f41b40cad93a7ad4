from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp
from PIL import Image

from biprompt.errors import InputError, OutputError
from biprompt.io.formats import FORMATS, resolve_format
from biprompt.io.formats.png import image_png, mask_png


@given(hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=30)))
def test_mask_is_one_channel_of_0_and_255(mask: np.ndarray) -> None:
    with Image.open(BytesIO(mask_png(mask))) as image:
        assert image.format == "PNG" and image.mode == "L"
        assert np.array_equal(np.asarray(image), np.where(mask, 255, 0))


@given(hnp.arrays(np.uint8, st_shape := hnp.array_shapes(min_dims=2, max_dims=2).map(
    lambda hw: (*hw, 3))))  # fmt: skip
def test_picture_round_trip(pixels: np.ndarray) -> None:
    with Image.open(BytesIO(image_png(pixels))) as image:
        assert np.array_equal(np.asarray(image), pixels)


def test_wrong_arrays() -> None:
    for mask in (np.zeros((2, 2), np.uint8), np.zeros((1, 2, 2), bool), np.zeros((0, 2), bool)):
        with pytest.raises(InputError, match=r"expected shape \(H, W\) of bool"):
            mask_png(mask)
    for pixels in (np.zeros((2, 2, 3)), np.zeros((2, 2), np.uint8), np.zeros((0, 2, 3), np.uint8)):
        with pytest.raises(InputError, match=r"expected shape \(H, W, 3\) of uint8"):
            image_png(pixels)


@pytest.mark.parametrize(
    ("path", "named", "expected"),
    [
        ("a.png", None, "png"),
        ("a.PNG", None, "png"),
        (Path("x/a.json"), None, "coco"),
        ("a.PNG", "png", "png"),
        ("a.json", "COCO", "coco"),
        ("a", "coco", "coco"),
        ("a.txt", "PNG", "png"),
        ("a.txt", "json", "coco"),
    ],
)
def test_format_by_name_or_suffix(path: str | Path, named: str | None, expected: str) -> None:
    assert resolve_format(path, named) == expected
    assert expected in FORMATS


def test_unknown_format() -> None:
    for path, named in (("a.jpg", None), ("a", None), (".png", None), ("a.png", "tiff")):
        with pytest.raises(OutputError, match="png"):
            resolve_format(path, named)


@pytest.mark.parametrize(
    ("path", "named", "usual"),
    [
        ("y.png", "coco", ".json"),
        ("y.PNG", "json", ".json"),
        ("y.json", "png", ".png"),
        ("y.jpg", "png", ".png"),
        ("y.TIFF", "coco", ".json"),
    ],
)
def test_a_suffix_that_contradicts_the_format(path: str, named: str, usual: str) -> None:
    with pytest.raises(OutputError, match=rf"{path}: file suffix: expected .* ends in \{usual}"):
        resolve_format(path, named)
