"""The survey's eq. 12, object by object, beside a loop over every subset."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.metrics import composition_sums, gain, mean, subsets

KINDS = ("click", "box", "text")
SCORES = st.fixed_dictionaries({name: st.floats(0, 1) for name in subsets(KINDS)})
ONE = {"click": 0.5, "box": 0.8, "text": 0.1, "click+box": 0.8, "click+text": 0.7}
TWO = {"click": 0.5, "box": 0.8, "text": 0.6, "click+box": 0.7, "click+text": 0.6}


def test_every_subset_is_named_once() -> None:
    names = subsets(KINDS)
    assert names[:3] == list(KINDS) and names[-1] == "click+box+text"
    assert names[3:6] == ["click+box", "click+text", "box+text"]
    assert len(set(subsets("abcd"))) == 2**4 - 1


def test_hand_worked() -> None:
    found = composition_sums([ONE, TWO])
    box, text = found.sets["click+box"], found.sets["click+text"]
    assert (box.holds, box.better, box.equal) == (0.5, 0, 1)
    assert box.gains.mean == pytest.approx(-0.05)
    assert (text.holds, text.better, text.equal) == (1, 1, 1)
    assert text.gains.mean == pytest.approx(0.1)
    assert found.every.holds == 3 / 4
    assert found.every.gains.mean == pytest.approx(0.025)


def test_the_gain_is_over_the_best_prompt_alone() -> None:
    assert gain(TWO, "click+box") == pytest.approx(-0.1)
    assert gain({"a": 0.1, "b": 0.2, "c": 0.9, "a+b+c": 0.95}, "a+b+c") == pytest.approx(0.05)


@settings(deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=12))
def test_equals_a_loop(objects: list[dict[str, float]]) -> None:
    found = composition_sums(objects)
    for size in (2, 3):
        for kinds in itertools.combinations(KINDS, size):
            name = "+".join(kinds)
            held = [scores[name] >= max(scores[kind] for kind in kinds) for scores in objects]
            assert found.sets[name].holds == sum(held) / len(held)
            assert found.sets[name].gains.mean == mean(gain(scores, name) for scores in objects)


def test_of_no_object() -> None:
    assert composition_sums([]).sets == {}
    assert math.isnan(composition_sums([]).every.holds)
