from __future__ import annotations

import pytest

from biprompt.data.faults import MOST_KEPT, Faults
from biprompt.errors import DataError


def wrong(number: int) -> DataError:
    what = f"annotation {number}: polygon"
    return DataError(what, expected="3 corners", actual=2, path="a.json")


def halves(number: int) -> list[int]:
    if number % 2:
        raise wrong(number)
    return [number // 2] * 2


def test_the_first_fault_is_raised() -> None:
    faults = Faults()
    made = faults.each([2, 3, 4], halves)
    assert [next(made), next(made)] == [1, 1]
    with pytest.raises(DataError, match=r"^a\.json: annotation 3: polygon: expected 3 corners"):
        next(made)


def test_faults_are_skipped_counted_and_reported() -> None:
    faults = Faults(skip=True)
    assert list(faults.each([2, 3, 4, 5], halves)) == [1, 1, 2, 2]
    faults.report(DataError("name of category 'x'", expected="a name", actual="''"))
    head, *rest = faults.lines(most=2)
    assert head == "3 entries skipped: 2 x annotation …: polygon, 1 x name of category …"
    assert rest == [str(wrong(3)), str(wrong(5)), "and 1 more"]


def test_the_same_fault_counts_once() -> None:
    faults = Faults(skip=True)
    for _ in range(3):
        faults.report(wrong(3))
    faults.report(wrong(5))
    assert (faults.count, len(faults.found)) == (2, 2)


def test_nothing_wrong_is_nothing_to_say() -> None:
    assert Faults(skip=True).lines() == []


def test_millions_of_faults_need_no_memory() -> None:
    faults = Faults(skip=True)
    for number in range(MOST_KEPT + 5):
        faults.report(wrong(number))
    assert (faults.count, len(faults.found)) == (MOST_KEPT + 5, MOST_KEPT)
