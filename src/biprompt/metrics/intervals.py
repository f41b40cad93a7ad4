"""How sure a number is: bootstrap intervals over samples or groups of samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
_DRAWS_AT_ONCE = 10_000_000


class Interval(NamedTuple):
    """A central bootstrap interval.

    Attributes:
        low: lower end.
        high: upper end.
    """

    low: float
    high: float


def bootstrap_interval(
    values: Sequence[float], *, resamples: int = 2000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Return the percentile bootstrap interval of a mean.

    Args:
        values: one number a sample.
        resamples: how many draws.
        level: probability inside the interval.
        seed: fixes the draws.

    Returns:
        The interval; (NaN, NaN) of no values.
    """
    numbers = np.asarray(values, np.float64)
    if numbers.size == 0:
        return Interval(math.nan, math.nan)
    rng = np.random.default_rng(seed)
    # a few at a time, or COCO's 36,000 objects would take gigabytes; the draws are the same
    rows = max(1, _DRAWS_AT_ONCE // numbers.size)
    sizes = [min(rows, resamples - start) for start in range(0, resamples, rows)]
    means = [numbers[rng.integers(numbers.size, size=(n, numbers.size))].mean(1) for n in sizes]
    return _central(np.concatenate(means), level)


def bootstrap_statistic(
    count: int,
    statistic: Callable[[Indices], float],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the percentile bootstrap interval of any statistic of resampled items.

    Args:
        count: how many items; an item is what must stay together, for example a photograph.
        statistic: gets (count,) drawn indices, an item as often as it was drawn, and returns the
            number; draws that give NaN are left out.
        resamples: how many draws.
        level: probability inside the interval.
        seed: fixes the draws.

    Returns:
        The interval; (NaN, NaN) of no items, or where every draw gave NaN.
    """
    if not count:
        return Interval(math.nan, math.nan)
    (found,) = bootstrap_statistics(
        count, lambda drawn: (statistic(drawn),), resamples=resamples, level=level, seed=seed
    )
    return found


def bootstrap_statistics(
    count: int,
    statistics: Callable[[Indices], Sequence[float]],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> list[Interval]:
    """Return the interval of each of several statistics of the same resampled items.

    Args:
        count: how many items, at least one.
        statistics: gets what `bootstrap_statistic` hands over, and returns as many numbers each
            time; of each statistic, draws that give NaN are left out.
        resamples: how many draws.
        level: probability inside the interval.
        seed: fixes the draws.

    Returns:
        An interval a statistic; (NaN, NaN) where every draw gave NaN.
    """
    rng = np.random.default_rng(seed)
    found = [statistics(rng.integers(count, size=count)) for _ in range(resamples)]
    return [_central(column[~np.isnan(column)], level) for column in np.array(found, float).T]


def _central(found: npt.NDArray[np.float64], level: float) -> Interval:
    if not found.size:
        return Interval(math.nan, math.nan)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
