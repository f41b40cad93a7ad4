"""Images at another size."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from biprompt.io.pixels import resize_pixels


def test_large_image_shrinks_as_it_would_in_one_step() -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    large = np.asarray(Image.fromarray(coarse).resize((2100, 1500)))
    for hw in ((96, 128), (32, 128), (160, 128)):
        quick = resize_pixels(large, hw).astype(int)
        slow = np.asarray(
            Image.fromarray(large).resize((hw[1], hw[0]), Image.Resampling.BILINEAR), int
        )
        assert quick.shape == (*hw, 3) and np.abs(quick - slow).mean() < 0.5


@pytest.mark.parametrize("hw", [(1, 1), (1, 5000), (5000, 1), (7, 9000)])
def test_resize_keeps_a_flat_colour(hw: tuple[int, int]) -> None:
    flat = np.full((*hw, 3), (10, 128, 250), np.uint8)
    assert (resize_pixels(flat, (32, 96)) == (10, 128, 250)).all()
