"""Class-level numbers beside loops over the pixels of every class."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biprompt.errors import InputError
from biprompt.metrics import (
    Confusion,
    confusion,
    few_shot_sums,
    harmonic_mean,
    overlap,
    pixel_counts,
    seen_unseen,
)

LABELS = hnp.arrays(np.uint8, (3, 5), elements=st.sampled_from([0, 1, 2, 3]))
TRUTHS = hnp.arrays(np.uint8, (3, 5), elements=st.sampled_from([0, 1, 2, 3, 255]))
MASKS = hnp.arrays(bool, (3, 5))


def iou(prediction: np.ndarray, truth: np.ndarray, number: int) -> float:
    both = either = 0
    for said, right in zip(prediction.flat, truth.flat, strict=True):
        if right != 255:
            both += said == number and right == number
            either += said == number or right == number
    return both / either if either else math.nan


@settings(deadline=None)
@given(LABELS, TRUTHS)
def test_equals_a_loop_over_pixels(prediction: np.ndarray, truth: np.ndarray) -> None:
    found = confusion(prediction, truth, 4)
    expected = [iou(prediction, truth, number) for number in range(4)]
    np.testing.assert_array_equal(found.ious(), expected)
    known = [value for value in expected if not math.isnan(value)]
    assert found.miou() == pytest.approx(np.mean(known) if known else math.nan, nan_ok=True)


@settings(deadline=None)
@given(LABELS, TRUTHS)
def test_foreground_against_background(prediction: np.ndarray, truth: np.ndarray) -> None:
    expected = pixel_counts(prediction != 2, truth != 2, truth == 255)
    assert confusion(prediction, truth, 4).against(2) == expected


def test_hand_worked() -> None:
    truth = np.array([[0, 0, 1, 1], [2, 2, 2, 255]], np.uint8)
    prediction = np.array([[0, 1, 1, 1], [2, 2, 0, 0]], np.uint8)
    found = confusion(prediction, truth, 4)
    np.testing.assert_array_equal(found.counts[:3, :3], [[1, 1, 0], [0, 2, 0], [1, 0, 2]])
    np.testing.assert_allclose(found.ious(), [1 / 3, 2 / 3, 2 / 3, np.nan])
    assert found.miou() == pytest.approx(5 / 9)
    assert found.miou([0, 3]) == pytest.approx(1 / 3)
    split = seen_unseen(found, unseen=[0])
    assert split == pytest.approx((2 / 3, 1 / 3, 2 * (2 / 9) / 1))


def test_the_whole_set_is_counted_before_dividing() -> None:
    one = confusion(np.array([[0, 0]]), np.array([[0, 1]]), 2)
    other = confusion(np.array([[0, 1, 1, 1]]), np.array([[1, 1, 1, 1]]), 2)
    np.testing.assert_allclose((one + other).ious(), [1 / 3, 3 / 5])


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(40.2, 41.4, 40.8), (50.5, 72.5, 59.5), (0, 0, 0), (0, 1, 0)]
)
def test_harmonic_mean(one: float, other: float, expected: float) -> None:
    assert harmonic_mean(one, other) == pytest.approx(expected, abs=0.05)
    assert math.isnan(harmonic_mean(one, math.nan))


@pytest.mark.parametrize("number", [4, 7, -1])
def test_classes_must_exist(number: int) -> None:
    good, bad = np.zeros((2, 2), np.int64), np.full((2, 2), number)
    with pytest.raises(InputError, match="prediction: expected class numbers from 0 to 3"):
        confusion(bad, good, 4)
    with pytest.raises(InputError, match="truth: expected class numbers from 0 to 3"):
        confusion(good, bad, 4)
    with pytest.raises(InputError, match="expected shape"):
        confusion(good[:1], good, 4)


def test_nothing_counted_is_nan() -> None:
    assert math.isnan(Confusion(np.zeros((3, 3), np.int64)).miou())


@settings(deadline=None)
@given(MASKS, MASKS, MASKS)
def test_four_counts_of_a_mask(prediction: np.ndarray, truth: np.ndarray, out: np.ndarray) -> None:
    found = pixel_counts(prediction, truth, out)
    assert found.both + found.surplus + found.missed + found.neither == (~out).sum()
    sums = overlap(prediction, truth, out)
    assert found.foreground_iou == sums.iou or sums.union == 0
    rest = overlap(~prediction, ~truth, out)
    assert found.background_iou == rest.iou or rest.union == 0


def test_few_shot_by_hand() -> None:
    """Two cats (IoU 1/2 and 1 alone, 5/6 together) and a dog that is missed."""
    thing = np.array([[1, 1, 1, 1], [0, 0, 0, 0]], bool)
    part = np.array([[1, 0, 0, 0], [0, 0, 0, 0]], bool)
    other = np.array([[1, 1, 0, 0], [0, 0, 0, 0]], bool)
    episodes = [("cat", part, other), ("cat", thing, thing), ("dog", ~thing, thing)]
    found = few_shot_sums((name, pixel_counts(p, t)) for name, p, t in episodes)
    assert found.class_ious == {"cat": 5 / 6, "dog": 0.0}
    assert found.miou == 5 / 12
    assert found.fb_iou == pytest.approx((5 / 14 + 10 / 19) / 2)
