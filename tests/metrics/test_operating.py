"""The absence curve beside counting at every threshold; its area beside the rank formula."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.metrics import PresenceScores, auroc, balanced_threshold, operating_curve


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
    assert sum(curve.at(curve.balanced)) / 2 == pytest.approx(best)


@pytest.mark.parametrize("seed", range(20))
def test_every_threshold_stands_on_the_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, there = np.round(rng.random(30), 2), rng.random(30) < 0.5
    curve = operating_curve(scores, there)
    for threshold in [-1.0, 0.0, 1.0, 2.0, *rng.random(20), *scores]:
        refused = scores < threshold
        assert curve.at(threshold) == (refused[~there].mean(), (~refused)[there].mean())
    assert np.isnan(curve.at(np.nan)).all()


@pytest.mark.parametrize("seed", range(20))
def test_no_higher_threshold_keeps_as_much(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, there = np.round(rng.random(60), 1), rng.random(60) < 0.4
    curve = operating_curve(scores, there)
    for share in (0.0, 0.5, 0.9, 0.95, 0.99, 1.0):
        fit = [each for each in {*scores, np.inf} if (scores[there] >= each).mean() >= share]
        assert curve.keeping(share) == max(fit)


@pytest.mark.parametrize(
    ("scores", "threshold", "rounded"),
    [
        ([0.2134, 0.2187], 0.2187, 0.216),  # 0.21 and 0.22 lie outside
        ([0.2134, 0.2187], 0.2134, 0.0),  # nothing lies below
        ([0.2, 0.9], 0.9, 0.6),  # 0.55 rounds to the even 0.6
        ([0.2, 0.9], 0.5, 0.6),  # the same scores are refused
        ([0.1 + 1e-9, 0.1 + 3e-9], 0.1 + 3e-9, 0.100000002),
        ([0.0, 1.0], 1.0, 0.5),
        ([0.3, 0.5], np.inf, np.inf),
        ([-0.3, 0.5], -1.0, -0.3),
    ],
)
def test_a_round_number_refuses_the_same(
    scores: list[float], threshold: float, rounded: float
) -> None:
    curve = operating_curve(scores, [False, True])
    assert curve.rounded(threshold) == rounded
    assert curve.at(rounded) == curve.at(threshold)


@pytest.mark.parametrize("seed", range(20))
def test_rounding_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.random(50) ** (10 if seed % 2 else 1)  # crowded at 0, or spread
    curve = operating_curve(scores, np.arange(50) % 3 == 0)
    for threshold in curve.thresholds:
        assert curve.at(curve.rounded(threshold)) == curve.at(threshold)


@pytest.mark.parametrize("seed", range(10))
def test_weights_are_as_good_as_copies(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, there, weights = (
        np.round(rng.random(30), 1),
        rng.random(30) < 0.5,
        rng.integers(0, 4, 30),
    )
    curve = PresenceScores.of(scores, there).curve(weights)
    copied = operating_curve(np.repeat(scores, weights), np.repeat(there, weights))
    for threshold in [*rng.random(10), *copied.thresholds]:
        assert curve.at(threshold) == pytest.approx(copied.at(threshold), abs=1e-15)
    assert curve.area == pytest.approx(copied.area, abs=1e-12)


def test_parts_put_together_in_any_order_are_the_whole() -> None:
    rng = np.random.default_rng(7)
    scores, there = np.round(rng.random(90), 2), rng.random(90) < 0.3
    whole = operating_curve(scores, there)
    order = np.concatenate([np.arange(90)[start::3] for start in (2, 0, 1)])
    parts = operating_curve(scores[order], there[order])
    for one, other in zip(
        (whole.thresholds, whole.n_acc, whole.t_acc),
        (parts.thresholds, parts.n_acc, parts.t_acc),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_bad_input() -> None:
    with pytest.raises(InputError, match="expected scores of both kinds"):
        operating_curve([0.5, 0.1], [True, True])
    with pytest.raises(InputError, match=r"share to keep: expected from 0 to 1, got 1\.5"):
        operating_curve([0.5, 0.1], [True, False]).keeping(1.5)
    with pytest.raises(InputError, match="expected scores of both kinds"):
        PresenceScores.of([0.5, 0.1], [True, False]).curve([1, 0])
    with pytest.raises(InputError, match="expected finite numbers"):
        PresenceScores.of([np.nan, 0.1], [True, False])
