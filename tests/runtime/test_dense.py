"""The part of a map that shows the image, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.geometry import ModelFrame
from biprompt.runtime.dense import joined_levels, uncovered, unit

LEVEL = np.arange(2 * 4 * 4, dtype=np.float32).reshape(1, 2, 4, 4)


def test_map_of_an_image_without_padding_stays() -> None:
    assert np.array_equal(uncovered(LEVEL, ModelFrame((10, 10), (64, 64))), LEVEL[0])


@pytest.mark.parametrize(
    ("model_hw", "kept"),
    [((32, 64), (2, 4)), ((64, 16), (4, 1)), ((40, 64), (2, 4)), ((41, 64), (3, 4)),
     ((2, 64), (1, 4))],
)  # fmt: skip
def test_padding_is_cut_where_it_covers_most_of_a_place(
    model_hw: tuple[int, int], kept: tuple[int, int]
) -> None:
    found = uncovered(LEVEL, ModelFrame((10, 10), model_hw, (64, 64)))
    assert np.array_equal(found, LEVEL[0, :, : kept[0], : kept[1]])


def test_joined_levels_have_the_same_say() -> None:
    large, small = LEVEL * 1000 + 1, np.ones((1, 3, 2, 2), np.float32)
    joined = joined_levels([large, small], LEVEL)
    assert joined.shape == (5, 4, 4)
    assert np.square(joined[:2]).sum(0) == pytest.approx(np.ones((4, 4)), abs=1e-5)
    assert np.square(joined[2:]).sum(0) == pytest.approx(np.ones((4, 4)), abs=1e-5)
    assert not unit(np.zeros((3, 2), np.float32)).any()
