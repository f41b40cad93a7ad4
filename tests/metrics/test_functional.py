from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as oracle

from biprompt.errors import InputError
from biprompt.metrics import Overlap, overlap, overlap_ious

A = np.array([[1, 1, 0], [0, 1, 0]], bool)
B = np.array([[1, 0, 0], [0, 1, 1]], bool)
NONE = np.zeros_like(A)


def test_hand_worked() -> None:
    sums = overlap(A, B)
    assert sums == Overlap(intersection=2, prediction=3, truth=3)
    assert (sums.union, sums.iou, sums.dice) == (4, 0.5, 2 / 3)


def test_ignored_pixels_count_nowhere() -> None:
    assert overlap(A, B, ignore=A ^ B) == Overlap(2, 2, 2)
    assert overlap(A, B, ignore=A | B).iou == 1.0


@pytest.mark.parametrize(("one", "other", "iou"), [(NONE, NONE, 1.0), (A, NONE, 0), (NONE, A, 0)])
def test_empty_masks(one: np.ndarray, other: np.ndarray, iou: float) -> None:
    assert overlap(one, other).iou == overlap(one, other).dice == iou


@pytest.mark.parametrize("seed", range(20))
def test_equals_pycocotools(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.random((2, 13, 17)) < rng.random()
    packed = [oracle.encode(np.asfortranarray(mask.astype(np.uint8))) for mask in (one, other)]
    expected = oracle.iou(packed[:1], packed[1:], [0])[0][0]
    assert overlap_ious([one, other], other) == pytest.approx([expected, 1.0])


@pytest.mark.parametrize("bad", [np.zeros((3, 2), bool), np.zeros((2, 3), np.uint8)])
def test_masks_must_fit(bad: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"prediction: expected bool of shape \(2, 3\)"):
        overlap(bad, A)
    with pytest.raises(InputError, match=r"ignore: expected bool"):
        overlap(A, A, bad)
