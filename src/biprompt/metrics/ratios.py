"""Intervals of numbers made of ratios of sums: mIoU, mean Dice over organs, FB-IoU, hIoU."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.metrics.intervals import Interval, bootstrap_statistics

Floats = npt.NDArray[np.float64]


def ratio_intervals(
    tops: npt.ArrayLike,
    bottoms: npt.ArrayLike,
    numbers: Callable[[Floats], Sequence[float]],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> list[Interval]:
    """Return the 95 % percentile bootstrap interval of each of several numbers.

    Groups are drawn, with all that belongs to them: the pixels of an image go wrong together, and
    so do the slices of a volume.

    Args:
        tops: (G, R) what each group adds above the line of each of R ratios.
        bottoms: (G, R) what each adds below it.
        numbers: gets (R,) float64 ratios, NaN where nothing lies below the line, and returns as
            many numbers each time.
        resamples: how many draws; those that give NaN are left out.
        seed: fixes the draws.

    Returns:
        An interval a number; (NaN, NaN) for all where there are fewer than two groups: one tells
        nothing about others.

    Raises:
        InputError: the shapes differ or are not (G, R).
    """
    above, below = np.asarray(tops, np.float64), np.asarray(bottoms, np.float64)
    if above.ndim != 2 or above.shape != below.shape:
        actual = f"{above.shape} and {below.shape}"
        raise InputError("sums", expected="two arrays of one shape (G, R)", actual=actual)
    count = len(above)
    if count < 2:
        return [Interval(np.nan, np.nan) for _ in numbers(ratios(above.sum(0), below.sum(0)))]

    def drawn(places: npt.NDArray[np.intp]) -> Sequence[float]:
        often = np.bincount(places, minlength=count).astype(np.float64)
        return numbers(ratios(often @ above, often @ below))

    return bootstrap_statistics(count, drawn, resamples=resamples, seed=seed)


def ratios(tops: Floats, bottoms: Floats) -> Floats:
    """Divide (R,) by (R,) float64; NaN where nothing lies below the line."""
    found = np.full(bottoms.shape, np.nan)
    np.divide(tops, bottoms, out=found, where=bottoms > 0)
    return found


def known_mean(values: npt.ArrayLike) -> float:
    """Return the mean of the numbers that are no NaN; NaN where none is left."""
    numbers = np.asarray(values, np.float64)
    kept = numbers[~np.isnan(numbers)]
    return float(kept.mean()) if kept.size else float("nan")
