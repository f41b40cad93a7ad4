from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.training.evf.data.shuffle import place_in_order


@given(st.integers(1, 300), st.integers())
def test_every_place_comes_once(count: int, key: int) -> None:
    order = [place_in_order(i, count, (key,)) for i in range(count)]
    assert sorted(order) == list(range(count))


def test_keys_give_different_orders_that_look_random() -> None:
    first, second = ([place_in_order(i, 1000, (key,)) for i in range(1000)] for key in (1, 2))
    assert first != second
    assert first != list(range(1000))
    # of a random order one place in a thousand stays where it was: 1 +- 1
    assert sum(i == place for i, place in enumerate(first)) < 8
    # ... and half of the steps go up: 500 +- 9 (of a sum of two dependent halves)
    rising = sum(a < b for a, b in pairwise(first))
    assert 440 < rising < 560


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 1 << 20, (1 << 20) + 1])
def test_the_ends_of_the_range(count: int) -> None:
    for position in {0, count - 1}:
        assert 0 <= place_in_order(position, count, ("x",)) < count


def test_all_orders_of_three_come() -> None:
    orders = {tuple(place_in_order(i, 3, (key,)) for i in range(3)) for key in range(100)}
    assert len(orders) == 6
