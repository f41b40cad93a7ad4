"""The logistic fit, beside one by plain gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.presence.calibration import fit_logistic, presence_samples


def loss(weights, offset, x, y):
    t = np.where(y, (y.sum() + 1) / (y.sum() + 2), 1 / ((~y).sum() + 2))
    p = 1 / (1 + np.exp(-(x @ weights + offset)))
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum()


def test_it_is_the_minimum_of_platts_loss():
    from scipy.optimize import minimize

    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    y = x[:, 0] - 0.5 * x[:, 1] + rng.normal(size=300) > 0.3
    fitted = fit_logistic(x, y, ("a", "b"))
    best = minimize(lambda b: loss(b[:2], b[2], x, y), np.zeros(3))
    assert [*fitted.weights, fitted.offset] == pytest.approx(best.x, abs=1e-3)


def test_clean_parting_gives_platts_targets_and_no_step():
    # Two values: each side's probability is exactly its target, 3/4 and 1/5.
    fitted = fit_logistic([1.0, 1.0, 0.0, 0.0, 0.0], [True, True, False, False, False])
    odds = np.exp([fitted.logit([1.0]), fitted.logit([0.0])])
    assert odds / (1 + odds) == pytest.approx([3 / 4, 1 / 5], abs=1e-4)


def test_what_never_changes_has_no_weight():
    fitted = fit_logistic([[1, 5], [2, 5], [3, 5], [2, 5]], [False, True, True, False], ("a", "b"))
    assert fitted.weights[1] == 0.0


@pytest.mark.parametrize(
    ("values", "truth", "said"),
    [
        ([1.0, 2.0], [True, True], "both kinds"),
        ([1.0, float("nan")], [True, False], "not finite"),
        ([[1.0, 2.0]], [True], "shape"),
    ],
)
def test_bad_input(values, truth, said):
    with pytest.raises(InputError, match=said):
        fit_logistic(values, truth)


@dataclass
class Record:
    there: tuple[bool, ...] = (True, False, False)
    presence: tuple[float | None, ...] = (0.9, None, 0.2)
    pixels: tuple[tuple[int, int, int], ...] = ((5, 10, 6), (0, 3, 0), (0, 4, 0))


def test_records_of_the_absence_protocol_feed_it():
    values, truth = presence_samples([Record(), Record()])
    assert values == [(0.9, 10.0), (0.2, 4.0)] * 2
    assert truth == [True, False] * 2
    assert fit_logistic(values, truth, ("presence", "pixels")).logit((0.9, 10.0)) > 0
