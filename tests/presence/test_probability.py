"""The presence probability."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.errors import InputError
from biprompt.presence import presence_probability


def test_by_hand() -> None:
    assert presence_probability(0.0) == 0.5
    assert presence_probability(math.log(3)) == pytest.approx(0.75)
    assert presence_probability(-1e6) == 0.0
    assert presence_probability(1e6) == 1.0


def test_nan_is_refused() -> None:
    with pytest.raises(InputError, match="presence score"):
        presence_probability(float("nan"))


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_is_a_probability_that_grows_with_the_score(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0 <= presence_probability(low) <= presence_probability(high) <= 1
    assert presence_probability(a) + presence_probability(-a) == pytest.approx(1)
