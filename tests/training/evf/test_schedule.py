"""Learning rates worked out by hand, and samples shared out to processes."""

from __future__ import annotations

import pytest

from biprompt.training.evf.recipe import load_recipe
from biprompt.training.evf.schedule import Division, rate_at


def test_the_rate_rises_and_falls_in_straight_lines() -> None:
    recipe = load_recipe(None, {"steps": 10, "warmup": 2, "rate": 0.8})
    rates = [rate_at(recipe, step) for step in range(11)]
    expected = [0.4, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]
    assert rates == pytest.approx(expected)


def test_without_warm_up_it_begins_at_its_highest() -> None:
    recipe = load_recipe(None, {"steps": 4, "warmup": 0, "rate": 1.0})
    assert [rate_at(recipe, step) for step in range(4)] == [1.0, 0.75, 0.5, 0.25]


@pytest.mark.parametrize(("micro", "processes"), [(12, 1), (1, 1), (3, 2), (2, 3), (6, 2), (4, 3)])
def test_however_it_is_divided_a_step_sees_the_same_samples(micro: int, processes: int) -> None:
    parts = [Division(12, micro, rank, processes) for rank in range(processes)]
    for step in (0, 1, 7):
        turns = [part.numbers(step) for part in parts]
        assert {len(turn) for turn in turns} == {12 // (micro * processes)}
        seen = sorted(number for turn in turns for numbers in turn for number in numbers)
        assert seen == list(range(12 * step, 12 * step + 12))


def test_the_numbers_of_several_steps_follow_one_another() -> None:
    assert list(Division(4, 2).from_step(1, 3)) == [[4, 5], [6, 7], [8, 9], [10, 11]]
