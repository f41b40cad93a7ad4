from __future__ import annotations

import pytest

from biprompt.labeling.pace import Meter, Pace, duration


def test_a_pace_in_words() -> None:
    assert str(Pace(0, 10)) == "0 of 10 images"
    assert str(Pace(4, 10, 1, 0.5)) == "4 of 10 images, 1 failed, 0.5 images/s, 12 s left"
    assert str(Pace(10, 10, 0, 12.345)) == "10 of 10 images, 12.3 images/s"


def test_the_pace_is_that_of_the_last_minute() -> None:
    meter = Meter(100, 1000, now=50.0)
    assert meter.pace(100, 0, 50.0).per_second == 0.0
    assert meter.pace(110, 0, 60.0).per_second == pytest.approx(1.0)
    for second in range(61, 200):
        found = meter.pace(110 + 2 * (second - 60), 3, float(second))
    assert found.per_second == pytest.approx(2.0)
    assert (found.done, found.total, found.failed) == (388, 1000, 3)
    assert found.seconds_left == pytest.approx(306.0)


def test_little_is_remembered_however_fast_it_goes() -> None:
    meter = Meter(0, 10**6, now=0.0)
    for number in range(20_000):
        pace = meter.pace(number, 0, number / 100)
    assert pace.per_second == pytest.approx(100, rel=0.02) and len(meter._seen) <= 62


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (725, "12 min 5 s"), (12_000, "3 h 20 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
