from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.evaluation.page.scales import Scale, Step, fitted, nice_step, span, ticks


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"),
        (0, 100, "0 20 40 60 80 100"),
        (1, 20, "5 10 15 20"),
        (-0.06, 0.05, "-0.05 0.00 0.05"),
        (0.9, 0.95, "0.90 0.91 0.92 0.93 0.94 0.95"),
        (0, 12_000, "0 5,000 10,000"),
        (0, 3e-7, "0 1e-07 2e-07 3e-07"),
        (0, 1e7, "0 2e+06 4e+06 6e+06 8e+06 1e+07"),
    ],
)
def test_ticks_by_hand(low: float, high: float, labels: str) -> None:
    step = nice_step(low, high, 5)
    assert " ".join(map(step.label, ticks(low, high, step))) == labels


def test_ticks_are_the_nearest_floats() -> None:
    assert ticks(0, 1, Step(1, -1)) == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)


def test_a_step_that_would_leave_no_tick_is_made_finer() -> None:
    step = nice_step(1.0, 400002.0, 2)  # half a million would be the next
    assert ticks(1.0, 400002.0, step) == (200000.0, 400000.0)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_there_are_some_ticks_and_not_too_many(low: float, length: float, most: int) -> None:
    step = nice_step(low, low + length, most)
    found = ticks(low, low + length, step)
    assert 1 <= len(found) <= most + 1
    assert all(low - 1e-9 * length <= tick <= low + length * (1 + 1e-9) for tick in found)
    first, last = fitted(low, low + length, most)
    assert first <= low + 1e-6 * length and last >= low + (1 - 1e-6) * length


def test_numbers_have_a_digit_or_two_more_than_ticks() -> None:
    numbers = [Step(2, -1).number(0.8124), Step(5, -2).number(-0.03449), Step(2, 1).number(71.25)]
    assert numbers == ["0.812", "-0.034", "71.2"]
    assert Step(2, -1).number(math.nan) == "-" and Step(1, -7).number(1.23456e-7) == "1.235e-07"
    assert Step(2, -1).number(-0.0) == "0.000"


def test_fitted_ends_on_ticks() -> None:
    assert fitted(-0.034, 0.031, 5) == (-0.04, 0.04)
    assert fitted(0.0, 1.0, 5) == (0.0, 1.0)


def test_span_of_finite_numbers() -> None:
    assert span([3.0, math.nan, -1.0, math.inf]) == (-1.0, 3.0)
    assert span([5.0]) == (4.5, 5.5) and span([-2.0, -2.0]) == (-2.2, -1.8)
    assert span([]) == span([0.0]) == (0.0, 1.0)


def test_scale_by_hand() -> None:
    up = Scale(0.0, 2.0, 300.0, 100.0)
    assert [up(value) for value in (0.0, 0.5, 2.0)] == [300.0, 250.0, 100.0]
