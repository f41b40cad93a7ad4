"""Masks held packed, and masks put on one another without a copy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biprompt.masks.packed import PackedMask
from biprompt.masks.stacking import stacked

MASKS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20)))


@settings(max_examples=60, deadline=None)
@given(mask=MASKS)
def test_a_packed_mask_comes_back(mask: np.ndarray) -> None:
    packed = PackedMask.of(mask)
    np.testing.assert_array_equal(packed.unpacked(), mask)
    assert packed.unpacked().dtype == np.bool_
    assert packed.nbytes <= -(-mask.shape[1] // 8) * mask.shape[0]


def test_a_small_thing_takes_little_and_nothing_takes_nothing() -> None:
    mask = np.zeros((1000, 1000), bool)
    assert PackedMask.of(mask).nbytes == 0
    mask[500:516, 3:19] = True
    assert PackedMask.of(mask).nbytes == 16 * 2
    with pytest.raises(ValueError, match="read-only"):
        PackedMask.of(mask).unpacked()[0, 0] = True


def test_rows_of_one_array_are_not_copied() -> None:
    whole = np.random.default_rng(0).random((5, 4, 6)) < 0.5
    rows = list(whole)
    assert np.shares_memory(stacked(rows), whole)
    np.testing.assert_array_equal(stacked(rows), whole)
    np.testing.assert_array_equal(stacked(rows[1:4]), whole[1:4])
    assert np.shares_memory(stacked(rows[1:4]), whole)


@pytest.mark.parametrize("order", [[1, 0], [0, 2], [0, 0], [4, 3]])
def test_other_orders_are_copied(order: list[int]) -> None:
    whole = np.random.default_rng(0).random((5, 4, 6)) < 0.5
    rows = [whole[place] for place in order]
    np.testing.assert_array_equal(stacked(rows), np.stack(rows))
    assert not np.shares_memory(stacked(rows), whole)


def test_windows_turned_and_separate_masks_are_copied() -> None:
    whole = np.random.default_rng(0).random((5, 6, 6)) < 0.5
    for rows in (
        [row[:3, :3] for row in whole],
        [row.T for row in whole],
        list(whole[:, ::-1]),
        [row.copy() for row in whole],
        list(whole[:2]) + list((~whole)[2:]),
    ):
        np.testing.assert_array_equal(stacked(rows), np.stack(rows))
