"""Numbers that are sums over sums, each with its interval over images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.metrics import bootstrap_statistics

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One number of some questions.

    Attributes:
        value: the number.
        images: number of each question's image, from 0.
        tops: what each question adds above the line.
        bottoms: what each adds below it; None where that is 1.
    """

    value: float
    images: Sequence[int]
    tops: Sequence[float]
    bottoms: Sequence[float] | None = None

    def summed(self, count: int) -> tuple[Floats, Floats]:
        """Return what each of so many images adds above and below the line, (count,) both."""
        above = np.bincount(self.images, self.tops, minlength=count)
        below = np.bincount(self.images, self.bottoms, minlength=count)
        return above.astype(np.float64), below.astype(np.float64)


def with_intervals(ratios: Mapping[str, Ratio], count: int) -> dict[str, Any]:
    """Return `value` and `interval` of each number.

    Images are drawn, with all of their questions: those about one image go wrong together.

    Args:
        ratios: numbers by name.
        count: how many images there are.

    Returns:
        A 95 % percentile bootstrap interval each; NaN where fewer than two images have anything
        below the line: one image tells nothing about others.
    """
    if not count or not ratios:
        return {name: _number(each.value, (np.nan, np.nan)) for name, each in ratios.items()}
    sums = [each.summed(count) for each in ratios.values()]
    tops, bottoms = (np.stack(part, axis=1) for part in zip(*sums, strict=True))

    def statistics(drawn: npt.NDArray[np.intp]) -> Sequence[float]:
        often = np.bincount(drawn, minlength=count).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Sequence[float] = (often @ tops) / (often @ bottoms)
        return found

    intervals = bootstrap_statistics(count, statistics)
    several = (bottoms > 0).sum(0) > 1
    return {
        name: _number(each.value, ends if is_known else (np.nan, np.nan))
        for (name, each), ends, is_known in zip(ratios.items(), intervals, several, strict=True)
    }


def _number(value: float, interval: Sequence[float]) -> dict[str, Any]:
    return {"value": value, "interval": list(interval)}
