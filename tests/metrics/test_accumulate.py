from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.metrics import (
    ClickCount,
    Overlap,
    auroc,
    balanced_threshold,
    clicks_to_reach,
    cumulative_iou,
    mean,
    mean_after_clicks,
    mean_iou,
    number_of_clicks,
    precision_at,
)

SAMPLES = [Overlap(1, 1, 2), Overlap(90, 100, 90), Overlap(0, 0, 0)]


def test_mean_and_cumulative_iou_differ_as_defined() -> None:
    assert mean_iou(SAMPLES) == (0.5 + 0.9 + 1) / 3
    assert cumulative_iou(SAMPLES) == 91 / 102
    assert cumulative_iou(SAMPLES[2:]) == 1.0
    assert math.isnan(cumulative_iou([])) and math.isnan(mean_iou([]))


def test_the_mean_does_not_hang_on_the_order() -> None:
    values = [random.Random(1).random() * 10**k for k in range(-8, 9) for _ in range(30)]
    shuffled = random.Random(2).sample(values, len(values))
    assert mean(values) == mean(shuffled)


def test_precision_counts_what_reaches() -> None:
    assert precision_at([0.5, 0.51, 0.2, 0.9], 0.5) == 0.75
    assert math.isnan(precision_at([], 0.5))


@pytest.mark.parametrize(
    ("ious", "expected"),
    [([0.95], 1), ([0.1, 0.9], 2), ([0.1, 0.89], None), ([0.0] * 20 + [1.0], None)],
)
def test_clicks_to_reach(ious: list[float], expected: int | None) -> None:
    assert clicks_to_reach(ious, 0.9) == expected


def test_number_of_clicks_counts_the_limit_for_failures() -> None:
    sequences = [[0.95], [0.2, 0.7, 0.9, 0.1], [0.5] * 20]
    assert number_of_clicks(sequences, 0.9) == ClickCount((1 + 3 + 20) / 3, 1, 3)
    assert number_of_clicks(sequences, 0.9, limit=2) == ClickCount(5 / 3, 2, 3)


def test_mean_after_clicks_keeps_the_last_value() -> None:
    assert mean_after_clicks([[0.5], [0.1, 0.3, 0.7]], 1) == pytest.approx(0.3)
    assert mean_after_clicks([[0.5], [0.1, 0.3, 0.7]], 20) == pytest.approx(0.6)
    with pytest.raises(InputError, match="at least one"):
        mean_after_clicks([[]], 1)
    with pytest.raises(InputError, match="clicks: expected at least 1"):
        mean_after_clicks([[0.1]], 0)


@pytest.mark.parametrize("seed", range(30))
def test_auroc_equals_counting_every_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 6, 40) / 5  # many ties
    labels = rng.random(40) < 0.3
    pairs = list(itertools.product(scores[labels], scores[~labels]))
    expected = sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)
    assert auroc(scores, labels) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_balanced_threshold_is_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.round(rng.random(30), 1)
    labels = rng.random(30) < scores

    def accuracy(threshold: float) -> float:
        said = scores >= threshold
        return float(said[labels].mean() + (~said[~labels]).mean()) / 2

    best = max(accuracy(threshold) for threshold in [*np.arange(-0.05, 1.1, 0.1)])
    assert accuracy(balanced_threshold(scores, labels)) == pytest.approx(best)


def test_hand_worked_auroc() -> None:
    assert auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert auroc([1, 1], [True, False]) == 0.5
    assert balanced_threshold([0.1, 0.3, 0.5, 0.9], [False, False, True, True]) == 0.4


def test_auroc_needs_both_classes_and_finite_scores() -> None:
    assert math.isnan(auroc([0.1, 0.2], [True, True]))
    assert math.isnan(balanced_threshold([0.1, 0.2], [False, False]))
    with pytest.raises(InputError, match="finite numbers"):
        auroc([math.nan, 0.2], [True, False])
    with pytest.raises(InputError, match="one a score"):
        auroc([0.1, 0.2], [True])
