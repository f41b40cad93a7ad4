from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.errors import InputError
from biprompt.metrics import (
    NOC_PERCENTS,
    ClickCount,
    click_sums,
    mean_after_clicks,
    number_of_clicks,
)

SEQUENCES = st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=25), min_size=1, max_size=20)


def test_hand_worked() -> None:
    found = click_sums([[0.95], [0.2, 0.82, 0.9, 0.1], [0.5] * 20])
    assert found.objects == 3
    assert found.noc(80) == ClickCount((1 + 2 + 20) / 3, 1, 3)
    assert found.noc(90) == ClickCount((1 + 3 + 20) / 3, 1, 3)
    assert found.noc(95) == ClickCount((1 + 20 + 20) / 3, 2, 3)
    assert found.iou_after(2) == pytest.approx((0.95 + 0.82 + 0.5) / 3)
    assert found.iou_after(20) == pytest.approx((0.95 + 0.1 + 0.5) / 3)


@settings(deadline=None)
@given(SEQUENCES, st.integers(1, 30))
def test_equals_the_functions_of_samples(sequences: list[list[float]], limit: int) -> None:
    found = click_sums(sequences, limit)
    for percent in NOC_PERCENTS:
        assert found.noc(percent) == number_of_clicks(sequences, percent / 100, limit)
    for clicks in (1, limit // 2 or 1, limit):
        assert found.iou_after(clicks) == mean_after_clicks(sequences, clicks)


def test_another_limit() -> None:
    found = click_sums([[0.2, 0.82, 0.9]], 2) + click_sums([[0.95]], 2)
    assert found.noc(90) == ClickCount((2 + 1) / 2, 1, 2)
    assert found.iou_after(2) == pytest.approx((0.82 + 0.95) / 2)
    with pytest.raises(InputError, match="clicks: expected from 1 to 2, got 3"):
        found.iou_after(3)


def test_bad_input() -> None:
    with pytest.raises(InputError, match="IoU after each click: expected at least one"):
        click_sums([[]])
    with pytest.raises(InputError, match="clicks: expected from 1 to 20, got 21"):
        click_sums([[0.5]]).iou_after(21)
    with pytest.raises(InputError, match="limit of clicks: expected at least 1, got 0"):
        click_sums([], 0)
    assert math.isnan(click_sums([]).noc(90).mean)
