from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.metrics.ratios import known_mean, ratio_intervals

TOPS = [[3, 1, 0], [1, 4, 0], [5, 0, 0]]
BOTTOMS = [[4, 2, 0], [5, 4, 1], [5, 0, 0]]


def mean_of_ratios(rows: Sequence[int], place: Sequence[int]) -> float:
    """Of the rows that were drawn, the mean over some ratios, by loops."""
    found = []
    for ratio in place:
        below = sum(BOTTOMS[row][ratio] for row in rows)
        if below:
            found.append(sum(TOPS[row][ratio] for row in rows) / below)
    return sum(found) / len(found) if found else math.nan


def test_as_drawing_groups_one_by_one() -> None:
    both = ratio_intervals(
        TOPS, BOTTOMS, lambda r: [known_mean(r), r[1], known_mean(r[[2]])], resamples=300, seed=4
    )
    rng = np.random.default_rng(4)
    draws = [rng.integers(3, size=3).tolist() for _ in range(300)]
    for found, place in zip(both, ([0, 1, 2], [1], [2]), strict=True):
        values = [mean_of_ratios(rows, place) for rows in draws]
        kept = [value for value in values if not math.isnan(value)]
        assert found == pytest.approx(tuple(np.quantile(kept, [0.025, 0.975])))


def test_a_single_group_tells_nothing_of_others() -> None:
    found = ratio_intervals([[1, 2]], [[2, 2]], lambda r: [r[0], r[1], known_mean(r)])
    assert len(found) == 3 and all(map(math.isnan, np.ravel(found)))


def test_known_mean() -> None:
    assert known_mean([1.0, math.nan, 2.0]) == 1.5
    assert math.isnan(known_mean([math.nan])) and math.isnan(known_mean([]))


@pytest.mark.parametrize("bottoms", [[[1.0]], [1.0, 2.0]])
def test_shapes_that_do_not_fit(bottoms: object) -> None:
    with pytest.raises(InputError, match=r"one shape \(G, R\)"):
        ratio_intervals([[1.0, 2.0]], bottoms, list)
