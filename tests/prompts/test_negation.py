"""Phrases cut into what is meant and what is not."""

from __future__ import annotations

import pytest

from biprompt.errors import PromptError
from biprompt.prompts import Prompt
from biprompt.prompts.negation import check_names_something, phrases_of, split_negative


@pytest.mark.parametrize(
    ("phrase", "wanted", "unwanted"),
    [
        ("the skin, not the hair", "the skin", ["the hair"]),
        ("the skin but not the hair or the eyes", "the skin", ["the hair", "the eyes"]),
        ("all cups except the red one", "cups", ["the red cups"]),
        ("all of the cups on the table except for the red ones", "cups on the table",
         ["the red cups"]),
        ("the table apart from the plates, the cups and the forks", "the table",
         ["the plates", "the cups", "the forks"]),
        ("the cat and not the black and white dog", "the cat", ["the black and white dog"]),
        ("The Skin, Not The Hair", "The Skin", ["The Hair"]),
    ],
)  # fmt: skip
def test_what_is_excluded(phrase: str, wanted: str, unwanted: list[str]) -> None:
    assert split_negative(phrase) == (wanted, tuple(unwanted))


@pytest.mark.parametrize(
    "phrase",
    [
        "the red cup",
        "the man not wearing a hat",
        "the man, not in red",
        "the man, not wearing a hat",
        "a knot, notably",
        "cup without a handle",
        "not the hair",
        "all cups",
    ],
)
def test_what_excludes_no_thing_stays_whole(phrase: str) -> None:
    assert split_negative(phrase) == (phrase, ())


def test_phrases_of_a_prompt() -> None:
    prompt = Prompt.build(text="the skin, not the hair", negative_text=["an eye", "the hair"])
    assert prompt.negative_text is not None and prompt.negative_text.phrase == "an eye; the hair"
    assert phrases_of(prompt) == ("the skin", ("an eye", "the hair"))
    assert phrases_of(Prompt.build(points=[(1, 1)], negative_text="a ; ;b")) == (None, ("a", "b"))
    assert phrases_of(Prompt.build(text="cat", negative_text=[])) == ("cat", ())


@pytest.mark.parametrize("phrase", ["not the cup", "no cup", "everything but the cup", "except it"])
def test_a_phrase_that_names_nothing_is_refused(phrase: str) -> None:
    with pytest.raises(PromptError, match="expected what is meant, and what is not after it"):
        check_names_something(phrase)


@pytest.mark.parametrize("phrase", ["notebook", "the cup, not the spoon", "all cups", "nose"])
def test_what_names_something_passes(phrase: str) -> None:
    check_names_something(phrase)
