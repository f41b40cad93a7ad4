"""Questions: one thing, several, none, and what cannot be read."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.errors import PromptError
from biprompt.presence import load_domain, resolve
from biprompt.presence.mentions import Names
from biprompt.presence.parts import take_apart

ORGANS = load_domain("organs")
NAMES = Names.of(ORGANS)
KIDNEYS = ("right kidney", "left kidney")
LEFT, RIGHT = "left kidney", "right kidney"


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("the liver", {"liver"}),
        ("Which organ stores bile?", {"gallbladder"}),
        ("hepar", {"liver"}),
        ("the liver and the stomach", {"liver", "stomach"}),
        ("liver, stomach, and spleen", {"liver", "stomach", "spleen"}),
        ("both kidneys", set(KIDNEYS)),
        ("kidney", set(KIDNEYS)),
        ("the left and the right kidney", set(KIDNEYS)),
        ("left kidney but not the right", {LEFT}),
        ("the kidneys but not the left one", {RIGHT}),
        ("the left kidney, the right one and the liver", {LEFT, RIGHT, "liver"}),
        ("the kidney next to the gallbladder", {RIGHT}),
        ("every organ except the spleen", {*ORGANS.things} - {"spleen"}),
        ("all organs without the kidneys and the liver", {*ORGANS.things} - {*KIDNEYS, "liver"}),
        ("everything", {*ORGANS.things}),
        ("the organ behind the stomach", {"pancreas"}),
        (
            "the organ that stores bile and the organ that makes insulin",
            {"gallbladder", "pancreas"},
        ),
        ("which organ makes bile and stores glycogen", {"liver"}),
        ("which organ does not work in diabetes", {"pancreas"}),
        ("the liver and the brain", {"liver"}),
        ("the LIVER", {"liver"}),
        ("the renal cortex and medulla", set(KIDNEYS)),
    ],
)
def test_things(question, things):
    found = resolve(question, ORGANS)
    assert set(found.concepts) == things
    assert not found.refused
    assert found.concepts == ORGANS.in_order(things)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("brain", "none of Abdominal organs"),
        ("the renal vein", "renal vein"),
        ("the liver, not the liver", "excludes: liver"),
        ("not the liver", "what not to look for"),
        ("neither the liver nor the spleen", "what not to look for"),
        ("the left right kidney", "both sides"),
        ("wo ist die Leber", "Only English.*German"),
        ("où est le foie", "Only English.*French"),
        ("¿Dónde está el hígado?", "Only English.*Spanish"),
        ("肝臓はどこですか", "Only English"),
        ("где печень", "Only English.*Cyrillic"),
        ("asdf qwer", "like nothing"),
        ("which organ", "names no thing"),
        ("?!", "what not to look for"),
    ],
)
def test_refusals_say_why(question, why):
    found = resolve(question, ORGANS)
    assert found.refused and found.concepts == ()
    assert re.search(why, found.reason), found.reason


@pytest.mark.parametrize(
    "question", ["the liver and a red car", "liver and red car", "liver, red car", "red car, liver"]
)
def test_a_part_that_is_refused_is_told(question):
    found = resolve(question, ORGANS)
    assert found.concepts == ("liver",)
    assert "red car" in found.reason
    assert sorted(part.refused for part in found.parts) == [False, True]


def test_a_refusal_has_the_nearest_concept_and_both_similarities():
    part = resolve("the heart", ORGANS).parts[0]
    assert part.refused and part.nearest == next(iter(part.similarities))
    assert part.irrelevant > part.similarity == max(part.similarities.values())
    assert part.probability < ORGANS.operating.threshold


def test_the_probability_is_platts_line():
    part = resolve("which organ stores bile", ORGANS).parts[0]
    gate = ORGANS.operating
    z = gate.slope * (part.similarity - max(part.irrelevant, gate.floor)) + gate.offset
    assert part.probability == pytest.approx(1 / (1 + math.exp(-z)))


@pytest.mark.parametrize("question", ["", "   ", "a\x00b", "liver " * 400])
def test_what_is_no_question(question):
    with pytest.raises(PromptError):
        resolve(question, ORGANS)


def test_latin_is_not_taken_for_a_foreign_language():
    assert resolve("vena cava inferior", ORGANS).concepts == ("inferior vena cava",)
    assert resolve("glandula suprarenalis dextra", ORGANS).concepts == ("right adrenal gland",)


PAIRABLE = [t for t in ORGANS.things if "kidney" not in t and "adrenal" not in t]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PAIRABLE), min_size=1, max_size=5, unique=True),
    st.sampled_from([" and ", ", ", " and the ", " plus ", "; the ", " as well as the "]),
    st.sampled_from(["", "the ", "segment the ", "please show me the "]),
)
def test_names_joined_are_all_found(things, join, start):
    found = resolve(start + join.join(things), ORGANS)
    assert set(found.concepts) == set(things)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PAIRABLE), min_size=2, max_size=5, unique=True),
    st.sampled_from([" except ", " but not ", " without ", " except for the "]),
)
def test_what_is_excluded_is_not_found(things, but):
    last = things[-1]
    every = " and ".join(things)
    assert set(resolve(f"all organs{but}{last}", ORGANS).concepts) == {*ORGANS.things} - {last}
    assert set(resolve(f"{every}{but}{last}", ORGANS).concepts) == set(things[:-1])


@settings(deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_any_text_gets_an_answer_or_a_plain_error(text):
    try:
        found = resolve(text, ORGANS)
    except PromptError as error:
        assert "\n" not in str(error)
        return
    assert found.refused == (not found.concepts)
    assert found.reason
    assert set(found.concepts) <= set(ORGANS.things)


def test_pieces_keep_the_words_of_a_description_together():
    asked = take_apart("the elongated gland between the duodenum and the spleen", NAMES)
    assert asked.wanted == ("the elongated gland between the duodenum and the spleen",)
    asked = take_apart("which organ mixes food with bile and pancreatic juice", NAMES)
    assert len(asked.wanted) == 1
