from __future__ import annotations

import numpy as np
import pytest

from biprompt.data.colours import COLOURS, close_colours, colour_name


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((220, 30, 30), "red"),
        ((240, 130, 20), "orange"),
        ((240, 220, 40), "yellow"),
        ((40, 160, 60), "green"),
        ((30, 70, 200), "blue"),
        ((130, 50, 180), "purple"),
        ((250, 130, 190), "pink"),
        ((120, 70, 30), "brown"),
        ((15, 15, 18), "black"),
        ((240, 240, 238), "white"),
        ((128, 128, 130), "grey"),
    ],
)
def test_plain_colours(rgb: tuple[int, int, int], name: str) -> None:
    noise = np.random.default_rng(0).integers(-6, 7, (500, 3))
    pixels = np.clip(np.array(rgb) + noise, 0, 255).astype(np.uint8)
    assert colour_name(pixels) == name


def test_no_name_when_it_is_not_clear() -> None:
    half = np.array([[220, 30, 30]] * 300 + [[30, 70, 200]] * 300, np.uint8)
    assert colour_name(half) is None
    assert colour_name(half[:10]) is None and colour_name(half[:0]) is None


def test_a_colour_is_close_to_itself_and_to_its_neighbours() -> None:
    assert all(close_colours(c, c) for c in COLOURS)
    assert close_colours("red", "orange") and close_colours("orange", "red")
    assert not close_colours("red", "blue")
