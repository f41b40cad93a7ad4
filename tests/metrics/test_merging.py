"""However a set is divided and ordered, the merged sums are those of the whole, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biprompt.metrics import (
    NONE,
    Confusion,
    ExactSum,
    Mergeable,
    Overlap,
    PixelCounts,
    answer_counts,
    auroc,
    click_sums,
    composition_sums,
    few_shot_sums,
    generalised_sums,
    hit_sums,
    mean,
    merged,
    operating_curve,
    organ_sums,
    referring_sums,
    subsets,
)

# a loaded machine is no failure
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHARES = st.floats(0, 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.sampled_from(["liver", "spleen", "aorta"])
OVERLAPS = st.tuples(*[st.integers(0, 40)] * 3).map(
    lambda n: Overlap(n[0], n[0] + n[1], n[0] + n[2])
)
COUNTS = st.tuples(*[st.integers(0, 40)] * 4).map(lambda n: PixelCounts(*n))
SCORES = st.fixed_dictionaries({name: SHARES for name in subsets(["a", "b", "c"])})
SUMMED: dict[str, tuple[Callable[[Any], Mergeable], st.SearchStrategy[Any]]] = {
    "exact": (ExactSum.of, FINITE),
    "referring": (referring_sums, OVERLAPS),
    "generalised": (generalised_sums, OVERLAPS),
    "clicks": (click_sums, st.lists(SHARES, min_size=1, max_size=25)),
    "few-shot": (few_shot_sums, st.tuples(NAMES, COUNTS)),
    "organs": (organ_sums, st.tuples(NAMES, OVERLAPS)),
    "answers": (answer_counts, st.tuples(NAMES | st.just(NONE), NAMES | st.just(NONE))),
    "hits": (hit_sums, st.booleans()),
    "composition": (composition_sums, SCORES),
}


def divided(
    data: st.DataObject, items: st.SearchStrategy[Any], min_size: int = 0
) -> tuple[list[Any], list[list[Any]]]:
    """Some items, and the same in another order in parts, some of them empty."""
    whole = data.draw(st.lists(items, min_size=min_size, max_size=20))
    shuffled = data.draw(st.permutations(whole))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))
    return whole, [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]


@pytest.mark.parametrize("name", SUMMED)
@PATIENT
@given(data=st.data())
def test_parts_give_the_sums_of_the_whole(name: str, data: st.DataObject) -> None:
    summed, items = SUMMED[name]
    whole, parts = divided(data, items)
    assert merged(map(summed, parts), summed([])) == summed(whole)


@PATIENT
@given(data=st.data())
def test_a_confusion_matrix_is_merged_in_any_order(data: st.DataObject) -> None:
    pairs = st.tuples(st.integers(0, 2), st.integers(0, 2))
    whole, parts = divided(data, pairs)

    def summed(cells: Sequence[tuple[int, int]]) -> Confusion:
        counts = np.zeros((3, 3), np.int64)
        for cell in cells:
            counts[cell] += 1
        return Confusion(counts)

    found = merged(map(summed, parts), summed([]))
    np.testing.assert_array_equal(found.counts, summed(whole).counts)


@PATIENT
@given(data=st.data())
def test_absence_hangs_on_the_pairs_and_not_on_their_order(data: st.DataObject) -> None:
    pairs = st.tuples(st.integers(0, 9).map(lambda n: n / 9), st.booleans())
    whole, parts = divided(data, pairs)
    both_kinds = [(0.5, True), (0.5, False)]
    ordered = [*both_kinds, *whole]
    put_together = [*(pair for part in parts for pair in part), *both_kinds]
    one, other = (operating_curve(*zip(*pairs, strict=True)) for pairs in (ordered, put_together))
    for name in ("thresholds", "n_acc", "t_acc"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert auroc(*zip(*ordered, strict=True)) == auroc(*zip(*put_together, strict=True))


@PATIENT
@given(st.lists(FINITE.map(lambda value: value / 64), max_size=30))
def test_an_exact_sum_is_the_correctly_rounded_one(values: list[float]) -> None:
    summed = ExactSum.of(values)
    assert summed.total == float(sum(map(Fraction, values), Fraction(0)))
    assert summed.total == math.fsum(values)
    assert summed.mean == mean(values) or not values


def test_sums_that_floats_get_wrong() -> None:
    assert ExactSum.of([1e300, 1.0, -1e300]).total == 1.0
    assert (ExactSum.of([0.1] * 5) + ExactSum.of([0.1] * 5)).total == 1.0
    assert ExactSum.of([5e-324, 5e-324]).total == 1e-323
    assert math.isnan(ExactSum().mean)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_only_numbers_can_be_summed(bad: float) -> None:
    with pytest.raises((ValueError, OverflowError)):
        ExactSum.of([bad])
