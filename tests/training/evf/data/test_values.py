from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import DataError
from biprompt.training.evf.data.values import Spoken

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


def spoken(pixels: np.ndarray = PIXELS, key: str = "k", variant: str = "") -> Spoken:
    return Spoken(key, pixels, ("cup",), np.zeros((1, *pixels.shape[:2]), bool), variant)


def test_content_is_that_of_the_pixels_alone() -> None:
    assert spoken().content == spoken(key="other", variant="flip").content
    assert spoken().content != spoken(PIXELS[:, ::-1]).content
    assert spoken().content != spoken(PIXELS.reshape(3, 2, 3)).content
    assert spoken(PIXELS[:, ::-1]).content == spoken(PIXELS[:, ::-1].copy()).content


def test_phrases_and_masks_belong_together() -> None:
    with pytest.raises(DataError, match=r"k: masks: expected \[2, 2, 3\], got \[1, 2, 3\]"):
        Spoken("k", PIXELS, ("a", "b"), np.zeros((1, 2, 3), bool))
    with pytest.raises(DataError, match="k: masks"):
        Spoken("k", PIXELS, ("a",), np.zeros((1, 3, 2), bool))
    with pytest.raises(DataError, match="k: phrases: expected at least one"):
        Spoken("k", PIXELS, (), np.zeros((0, 2, 3), bool))
