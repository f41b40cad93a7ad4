from __future__ import annotations

import pytest

from biprompt.runtime.hub.words.number import bare, is_semantic, means_all

ONE = (
    "the red cup", "man with two cups", "a pair of glasses", "glass", "the bus", "left zebra",
    "the second dog from the right", "person's hand", "one of the boats", "canvas", "?!",
    "a dogs", "der Hund", "狗",
)  # fmt: skip
ALL = (
    "cups", "red cups", "the left cups", "the cups on the table", "[semantic] cup",
    "[Semantic] sky", "all of the furniture", "every dog", "people", "buses", "two dogs",
    "the bananas that are ripe", "Boxes",
)  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_one_is_meant(text: str) -> None:
    assert not means_all(text)


@pytest.mark.parametrize("text", ALL)
def test_all_are_meant(text: str) -> None:
    assert means_all(text)


def test_the_mark_is_no_word() -> None:
    assert is_semantic("[semantic] red cup") and not is_semantic("semantic cup")
    assert bare("[semantic] red cup") == "red cup" and bare("red cup") == "red cup"
