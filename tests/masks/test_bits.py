"""Masks of one bit a pixel, and their connected parts, beside the functions for plain masks."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.masks import (
    MAX_MASK_PIXELS,
    BitMask,
    Window,
    bbox_xyxy,
    bits,
    components,
    rle_encode,
)
from biprompt.masks.bit_parts import bit_parts, kept_parts, one_part, parts_with

SIZES = [(1, 1), (3, 7), (5, 8), (40, 33), (7, 90)]


def random_mask(hw, share):
    return np.random.default_rng(hw[0] * 1000 + hw[1]).random(hw) < share


@pytest.mark.parametrize("hw", SIZES)
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("rows_at_once", [1, 3, 1000])
def test_it_says_the_same_as_the_plain_mask(monkeypatch, hw, share, rows_at_once):
    monkeypatch.setattr(bits, "BAND_PIXELS", rows_at_once * hw[1])
    mask = random_mask(hw, share)
    packed = BitMask.of(mask)
    assert np.array_equal(packed.read(), mask)
    assert packed.area() == mask.sum()
    assert packed.bbox_xyxy() == bbox_xyxy(mask)
    assert packed.rle() == rle_encode(mask)
    bands = list(packed.bands())
    assert [top for top, _ in bands] == list(range(0, hw[0], rows_at_once))
    assert np.array_equal(np.concatenate([band for _, band in bands]), mask)


def test_windows_begin_anywhere():
    mask = random_mask((30, 45), 0.5)
    packed = BitMask.of(mask)
    for window in (
        Window(0, 0, 45, 30),
        Window(7, 3, 9, 4),
        Window(8, 0, 16, 30),
        Window(44, 29, 45, 30),
    ):
        assert np.array_equal(packed.read(window), mask[window.rows, window.columns])


def test_rows_are_written_in_any_order():
    mask = random_mask((10, 9), 0.5)
    packed = BitMask((10, 9))
    for top in (6, 0, 3, 9):
        packed.write(top, mask[top : top + 3])
    assert np.array_equal(packed.read(), mask)


def test_a_large_one_lies_on_disk():
    mask = random_mask((20, 50), 0.5)
    packed = BitMask((20, 50), memory_bytes=100)
    packed.write(0, mask)
    assert isinstance(packed.bits, np.memmap)
    assert np.array_equal(packed.read(), mask)
    assert packed.rle() == rle_encode(mask)


def test_what_does_not_fit_is_said():
    packed = BitMask((10, 9))
    with pytest.raises(InputError, match="rows of 9 pixels within 0 to 10, got 8 to 11, 9 wide"):
        packed.write(8, np.zeros((3, 9), np.bool_))
    with pytest.raises(InputError, match="9 pixels"):
        packed.write(0, np.zeros((3, 8), np.bool_))
    with pytest.raises(InputError, match="at least 1 x 1"):
        BitMask((0, 4))
    with pytest.raises(InputError, match=f"at most {MAX_MASK_PIXELS}"):
        BitMask((2**16, 2**15)).rle()


@pytest.mark.parametrize("hw", SIZES)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.9])
@pytest.mark.parametrize("rows_at_once", [1, 3, 1000])
def test_parts_join_over_the_edges_of_bands(monkeypatch, hw, share, rows_at_once):
    monkeypatch.setattr(bits, "BAND_PIXELS", rows_at_once * hw[1])
    mask = random_mask(hw, share)
    labels, count = components(mask)
    packed = BitMask.of(mask)
    parts = bit_parts(packed)
    assert len(parts) == count
    # In the order of their first pixels, each with its own label of the plain mask.
    own = [int(labels[y, x]) for x, y in parts.seed]
    assert sorted(own) == list(range(1, count + 1))
    assert [(y, x) for x, y in parts.seed.tolist()] == sorted(
        (y, x) for x, y in parts.seed.tolist()
    )
    for number, label in enumerate(own):
        there = labels == label
        assert parts.area[number] == there.sum()
        assert parts.bbox[number].tolist() == bbox_xyxy(there)
        window, part = one_part(packed, parts, number)
        assert np.array_equal(part, there[window.rows, window.columns])


@pytest.mark.parametrize("rows_at_once", [1, 4, 1000])
def test_parts_are_kept_by_what_lies_in_them(monkeypatch, rows_at_once):
    hw = (40, 33)
    monkeypatch.setattr(bits, "BAND_PIXELS", rows_at_once * hw[1])
    mask, marks = random_mask(hw, 0.3), np.random.default_rng(5).random(hw) < 0.05
    labels, _ = components(mask)
    hit = set(labels[mask & marks].tolist())
    packed = BitMask.of(mask)
    parts = bit_parts(packed)
    keep = parts_with(packed, parts, BitMask.of(marks))
    assert 0 < keep.sum() < len(parts)
    kept_parts(packed, parts, keep)
    assert np.array_equal(packed.read(), np.isin(labels, sorted(hit)))
