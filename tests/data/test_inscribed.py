"""The deepest pixel beside distance transforms of whole masks, and squares beside erosion."""

from __future__ import annotations

from math import isqrt
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from biprompt.data.depths import Depths, moves
from biprompt.data.inscribed import bounds, deepest, deepest_of, largest_squares, squares_in


def depth(mask: Any) -> Any:
    return ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]


def drawn(seed: int) -> Any:
    """Noise, blobs, bars, whole frames, and now and then something large."""
    rng = np.random.default_rng(seed)
    hw = (300, 400) if seed % 12 == 11 else (int(rng.integers(1, 90)), int(rng.integers(1, 120)))
    if seed % 5 == 0:
        return rng.random(hw) < rng.choice([0.1, 0.5, 0.9, 0.99])
    if seed % 5 == 1:
        return np.ones(hw, bool)
    if seed % 5 == 2:
        bar = np.zeros(hw, bool)
        bar[rng.integers(hw[0]) :][: rng.integers(1, 9)] = True
        return bar | (rng.random(hw) < 0.01)
    field = ndimage.gaussian_filter(rng.normal(size=hw), rng.choice([0.5, 2, 6, 20]))
    return field > rng.normal() * 0.5 * field.std()


@pytest.mark.parametrize("seed", range(96))
def test_deepest_equals_a_distance_transform(seed: int) -> None:
    mask, blocked = drawn(seed), np.zeros((0, 2), int)
    for _ in range(3):  # the deepest one is blocked, then the next one
        truth = depth(mask)
        truth[blocked[:, 0], blocked[:, 1]] = 0
        squares = largest_squares(mask, blocked)
        if truth.max() == 0:
            assert squares is None
            return
        row, column = np.unravel_index(truth.argmax(), truth.shape)
        assert squares is not None
        assert deepest(squares) == pytest.approx((truth.max(), row, column), abs=1e-9)
        blocked = np.concatenate([blocked, [[row, column]]])


@pytest.mark.parametrize("seed", range(36))
def test_of_several_masks_the_first_of_the_deepest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = drawn(seed)
    masks = [base & (rng.random(base.shape) < 0.95), base, base & np.roll(base, 1)]
    stacked = np.zeros((3, base.shape[0] + 1, base.shape[1] + 1), bool)
    for part, mask in zip(stacked, masks, strict=True):
        part[:-1, :-1] = mask
    squares = squares_in(stacked, (5, 7))
    depths = np.array([depth(mask) for mask in masks])
    if depths.max() == 0:
        assert squares is None
        return
    assert squares is not None
    which, row, column = np.unravel_index(depths.argmax(), depths.shape)
    found = deepest_of(squares)
    assert found == (round(depths.max() ** 2), which, row + 5, column + 7)
    assert not stacked[:, -1].any() and not stacked[:, :, -1].any()


@pytest.mark.parametrize("seed", range(24))
def test_centres_equal_erosion(seed: int) -> None:
    mask = drawn(seed)
    squares = largest_squares(mask)
    if squares is None:
        assert not mask.any()
        return
    top, bottom, left, right = bounds(mask) or (0, 0, 0, 0)
    np.testing.assert_array_equal(squares.region, mask[top:bottom, left:right])
    for half in {0, squares.half // 2, squares.half, squares.half + 1}:
        eroded = ndimage.minimum_filter(squares.region, 2 * half + 1, mode="constant", cval=False)
        assert eroded.any() == (half <= squares.half)
        if half <= squares.half:
            np.testing.assert_array_equal(squares.centres(half), eroded)


@pytest.mark.parametrize("seed", range(24))
def test_bounds_are_tight(seed: int) -> None:
    mask = drawn(seed)[::1, ::-1]  # a view that is not contiguous
    box = bounds(mask)
    if box is None:
        assert not mask.any()
        return
    rows, columns = np.nonzero(mask)
    assert box == (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1)


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_rings_and_columns_measure_the_same(seed: int, columns: bool) -> None:
    mask = drawn(seed)
    inside = np.pad(mask, [(0, 1), (0, 1)])[None]
    places = np.flatnonzero(inside)
    some = slice(None, None, places.size // 100 + 1)
    truth = np.rint(depth(mask) ** 2)
    found = Depths.of(inside, isqrt(int(truth.max())) + 1, columns=columns).squared(places[some], 0)
    np.testing.assert_array_equal(found, truth[mask][some])


def test_moves_are_all_and_in_order() -> None:
    found = moves(5)
    assert found.reach == 8
    pairs = {(int(a), int(b)) for a, b in zip(found.down, found.right, strict=True)}
    assert len(pairs) == found.squared.size == 197  # whole pixels in a disk of radius 8
    assert (np.diff(found.squared) >= 0).all()
    squared, steps = found.rings(4, 5, 100)
    assert squared.tolist() == [4] * 4 + [5] * 8  # a ring is never cut
    assert set(steps.tolist()) == {
        *(-200, 200, -2, 2),
        *(-201, -199, 199, 201, -102, -98, 98, 102),
    }
