"""Referring numbers beside their definitions, worked by hand and by the naive loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.metrics import (
    PERCENTS,
    Overlap,
    cumulative_iou,
    generalised_sums,
    mean_iou,
    overlap,
    precision_at,
    referring_sums,
)

MASKS = st.lists(st.tuples(st.integers(0, 2**12 - 1), st.integers(0, 2**12 - 1)), min_size=1)
SENTENCES = [Overlap(1, 1, 2), Overlap(90, 100, 90), Overlap(0, 0, 0), Overlap(0, 5, 0)]


def masks(bits: int) -> np.ndarray:
    return np.array([bits >> shift & 1 for shift in range(12)], bool).reshape(3, 4)


def test_hand_worked() -> None:
    """IoUs 1/2, 9/10, 1 (an empty union) and 0 (five pixels where nothing should be)."""
    found = referring_sums(SENTENCES)
    assert found.sentences == 4
    assert found.ciou == 91 / (2 + 100 + 0 + 5)
    assert found.giou == (0.5 + 0.9 + 1 + 0) / 4
    assert [found.precision(percent) for percent in PERCENTS] == [0.75, 0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("percent", PERCENTS)
def test_an_iou_of_exactly_x_reaches_it(percent: int) -> None:
    sentences = [Overlap(k * percent, k * 100, k * percent) for k in range(1, 8)]
    assert referring_sums(sentences).precision(percent) == 1
    missed = [Overlap(k * percent - 1, k * 100, k * percent - 1) for k in range(1, 8)]
    assert referring_sums(missed).precision(percent) == 0


def test_of_nothing_everything_is_nan_and_all_empty_agree() -> None:
    nothing, empty = referring_sums([]), referring_sums([Overlap(0, 0, 0)])
    assert all(map(math.isnan, (nothing.ciou, nothing.giou, nothing.precision(50))))
    assert empty.ciou == empty.giou == empty.precision(90) == 1


@settings(deadline=None)
@given(MASKS)
def test_equals_the_loop_over_masks(pairs: list[tuple[int, int]]) -> None:
    """The official loop: per sentence I and U of class 1, IoU := 1 where U is 0, 1e-10 below."""
    shown, ious = [], []
    for said, truth in pairs:
        one, other = masks(said), masks(truth)
        both, either = int((one * other).sum()), int((one | other).sum())
        shown.append((both, either))
        ious.append(both / (either + 1e-10) if either else 1.0)
    found = referring_sums(overlap(masks(said), masks(truth)) for said, truth in pairs)
    assert found.giou == pytest.approx(np.mean(ious), abs=1e-9)
    if any(either for _, either in shown):
        cumulative = sum(i for i, _ in shown) / (sum(u for _, u in shown) + 1e-10)
        assert found.ciou == pytest.approx(cumulative, abs=1e-9)


@settings(deadline=None)
@given(MASKS)
def test_equals_the_functions_of_samples(pairs: list[tuple[int, int]]) -> None:
    samples = [overlap(masks(said), masks(truth)) for said, truth in pairs]
    found = referring_sums(samples)
    assert (found.giou, found.ciou) == (mean_iou(samples), cumulative_iou(samples))
    assert found.precision(50) == precision_at([sample.iou for sample in samples], 0.5)


def test_generalised_by_hand() -> None:
    """Two absent things, one of them refused; three present, one of them refused."""
    sentences = [
        Overlap(0, 0, 0),
        Overlap(0, 30, 0),
        Overlap(0, 0, 40),
        Overlap(20, 20, 20),
        Overlap(10, 10, 20),
    ]
    found = generalised_sums(sentences)
    assert (found.n_acc, found.t_acc) == (1 / 2, 2 / 3)
    assert found.every.giou == (1 + 0 + 0 + 1 + 0.5) / 5
    assert found.every.ciou == 30 / (0 + 30 + 40 + 20 + 20)


def test_small_masks_may_be_taken_as_empty() -> None:
    sentences = [Overlap(0, 49, 0), Overlap(49, 49, 100), Overlap(50, 50, 100)]
    found = generalised_sums(sentences, empty_below=50)
    assert (found.n_acc, found.t_acc) == (1, 1 / 2)
    assert found.every.giou == (1 + 0 + 0.5) / 3
    assert found.every.ciou == 50 / 200


def test_without_a_kind_its_accuracy_is_nan() -> None:
    assert math.isnan(generalised_sums([Overlap(1, 1, 1)]).n_acc)
    assert math.isnan(generalised_sums([Overlap(0, 1, 0)]).t_acc)


@settings(deadline=None)
@given(MASKS, st.integers(1, 6))
def test_generalised_equals_the_gres_loop(pairs: list[tuple[int, int]], empty_below: int) -> None:
    """The accounting of GRES's evaluation: four counts, I and U, and the IoU of each sentence."""
    counts = dict.fromkeys(("TP", "FN", "FP", "TN"), 0)
    total_i = total_u = total_iou = 0.0
    for said, truth in pairs:
        answer, target = masks(said), masks(truth)
        refused = answer.sum() < empty_below
        answer = np.zeros_like(answer) if refused else answer
        i, u = (answer & target).sum(), (answer | target).sum()
        if target.any():
            counts["FP" if refused else "TN"] += 1
            total_iou += i / u
        else:
            counts["TP" if refused else "FN"] += 1
            total_iou += refused
        total_i, total_u = total_i + i, total_u + u
    samples = [overlap(masks(said), masks(truth)) for said, truth in pairs]
    found = generalised_sums(samples, empty_below=empty_below)
    assert found.every.giou == pytest.approx(total_iou / len(pairs))
    assert total_u == 0 or found.every.ciou == pytest.approx(total_i / total_u)
    for value, right, wrong in ((found.n_acc, "TP", "FN"), (found.t_acc, "TN", "FP")):
        asked = counts[right] + counts[wrong]
        assert math.isnan(value) if asked == 0 else value == counts[right] / asked
