from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from biprompt.metrics import (
    bootstrap_interval,
    bootstrap_statistic,
    bootstrap_statistics,
    intervals,
)


def test_agrees_with_the_normal_approximation() -> None:
    values = np.random.default_rng(3).normal(5.0, 2.0, 400)
    low, high = bootstrap_interval(list(values))
    half = 1.96 * values.std() / 20
    assert abs(low - (values.mean() - half)) < 0.02
    assert abs(high - (values.mean() + half)) < 0.02


def test_a_seed_fixes_it() -> None:
    values = list(np.random.default_rng(0).random(50))
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values) != bootstrap_interval(values, seed=1)


@pytest.mark.parametrize("at_once", [1, 150, 151])
def test_drawn_a_few_at_a_time_is_the_same(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    values = list(np.random.default_rng(0).random(15))
    whole = bootstrap_interval(values, resamples=50)
    monkeypatch.setattr(intervals, "_DRAWS_AT_ONCE", at_once)
    assert bootstrap_interval(values, resamples=50) == whole


def test_constant_and_empty() -> None:
    assert bootstrap_interval([0.5] * 9) == (0.5, 0.5)
    assert all(math.isnan(end) for end in bootstrap_interval([]))


def test_any_statistic_of_groups() -> None:
    groups = [[1.0, 2.0], [3.0], [10.0] * 5]
    seen = bootstrap_statistic(3, lambda drawn: max(max(groups[i]) for i in drawn), level=0.9)
    assert seen == (3.0, 10.0)  # only the first group three times gives less: 1 draw in 27
    only_nan = bootstrap_statistic(3, lambda drawn: math.nan, resamples=5)
    assert all(math.isnan(end) for end in only_nan)


def test_several_statistics_are_those_alone() -> None:
    values = np.random.default_rng(0).random(20)

    def mean(drawn: Any) -> float:
        return float(values[drawn].mean())

    def least(drawn: Any) -> float:
        return float(values[drawn].min()) if 0 in drawn else math.nan

    together = bootstrap_statistics(20, lambda d: (mean(d), least(d), math.nan), resamples=200)
    assert together[0] == bootstrap_statistic(20, mean, resamples=200)
    assert together[1] == bootstrap_statistic(20, least, resamples=200)
    assert all(math.isnan(end) for end in together[2])
    assert all(math.isnan(end) for end in bootstrap_statistic(0, mean))
