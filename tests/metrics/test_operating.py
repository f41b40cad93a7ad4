"""The absence curve beside counting at every threshold; its area beside the rank formula."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.metrics import auroc, balanced_threshold, operating_curve


def test_hand_worked() -> None:
    curve = operating_curve([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    np.testing.assert_array_equal(curve.thresholds, [0.1, 0.35, 0.4, 0.8, np.inf])
    np.testing.assert_array_equal(curve.n_acc, [0, 0.5, 0.5, 1, 1])
    np.testing.assert_array_equal(curve.t_acc, [1, 1, 0.5, 0.5, 0])
    assert curve.area == 0.75
    assert (curve.keeping(1), curve.keeping(0.5), curve.keeping(0)) == (0.35, 0.8, np.inf)


@pytest.mark.parametrize("seed", range(20))
def test_equals_counting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, there = rng.integers(0, 8, 40) / 7, rng.random(40) < 0.4  # many ties
    curve = operating_curve(scores, there)
    for threshold, n_acc, t_acc in zip(*(curve.thresholds, curve.n_acc, curve.t_acc), strict=True):
        refused = scores < threshold
        assert (n_acc, t_acc) == (refused[~there].mean(), (~refused)[there].mean())
    assert curve.area == pytest.approx(auroc(scores, there), abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_balanced_threshold_is_the_best_point_of_the_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, there = np.round(rng.random(40), 1), rng.random(40) < 0.5
    curve, chosen = operating_curve(scores, there), balanced_threshold(scores, there)
    best = float((curve.n_acc + curve.t_acc).max()) / 2
    accuracy = ((scores[~there] < chosen).mean() + (scores[there] >= chosen).mean()) / 2
    assert accuracy == pytest.approx(best)


def test_bad_input() -> None:
    with pytest.raises(InputError, match="expected scores of both kinds"):
        operating_curve([0.5, 0.1], [True, True])
    with pytest.raises(InputError, match=r"share to keep: expected from 0 to 1, got 1\.5"):
        operating_curve([0.5, 0.1], [True, False]).keeping(1.5)
