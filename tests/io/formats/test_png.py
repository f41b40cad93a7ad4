from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp
from PIL import Image

from biprompt.errors import InputError
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
