"""A simulated scribble never leaves its object, whatever the object looks like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biprompt.errors import DataError
from biprompt.evaluation.composition.scribble import scribble
from biprompt.prompts import Scribble

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)).filter(np.any)


def pixels(path: np.ndarray) -> list[tuple[int, int]]:
    """Every pixel under a path whose steps are level or upright."""
    found = [(int(path[0, 0]), int(path[0, 1]))]
    for x, y in path[1:].astype(int):
        a, b = found[-1]
        assert a == x or b == y
        steps = max(abs(x - a), abs(y - b))
        found += [(a + (x - a) * k // steps, b + (y - b) * k // steps) for k in range(1, steps + 1)]
    return found


@settings(deadline=None)
@given(MASKS)
def test_every_pixel_of_the_stroke_lies_in_the_mask(mask: np.ndarray) -> None:
    path = scribble(mask)
    assert all(mask[y, x] for x, y in pixels(path))
    Scribble(path)


def test_a_bar_is_drawn_along_its_middle() -> None:
    mask = np.zeros((9, 30), bool)
    mask[2:7, 5:25] = True
    path = scribble(mask)
    assert set(path[:, 1]) == {4.0}
    assert 14 <= np.ptp(path[:, 0]) <= 18, "four fifths of twenty"
    turned = scribble(mask.T.copy())
    assert set(turned[:, 0]) == {4.0} and np.ptp(turned[:, 1]) == np.ptp(path[:, 0])


def test_it_follows_a_bow() -> None:
    rows, columns = np.mgrid[:40, :60]
    distance = np.hypot(rows - 40, columns - 30)
    mask = (distance < 30) & (distance > 22)
    path = scribble(mask)
    assert all(mask[y, x] for x, y in pixels(path))
    assert np.ptp(path[:, 0]) > 35 and np.ptp(path[:, 1]) > 6


def test_of_several_parts_the_deepest_is_drawn_on() -> None:
    mask = np.zeros((20, 40), bool)
    mask[5:8, 2:12] = mask[3:16, 20:36] = True
    assert scribble(mask)[:, 0].min() >= 20


@pytest.mark.parametrize("at", [(0, 0), (2, 3)])
def test_a_single_pixel_is_a_dot(at: tuple[int, int]) -> None:
    mask = np.zeros((3, 4), bool)
    mask[at] = True
    assert {tuple(corner) for corner in scribble(mask)} == {(at[1], at[0])}


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(DataError, match="mask to draw in: expected at least one pixel"):
        scribble(np.zeros((3, 4), bool))


@settings(deadline=None)
@given(st.integers(1, 200))
def test_a_level_stroke_needs_two_corners(width: int) -> None:
    assert len(scribble(np.ones((1, width), bool))) <= 4
