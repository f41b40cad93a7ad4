"""What a question denies is told, and not read as if it were not denied."""

from __future__ import annotations

import pytest

from biprompt.presence import resolve
from biprompt.presence.denial import denied


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("which organ does not make bile", "does not make"),
        ("the organ that isn't the liver", "isn't the"),
        ("the gland that doesn\u2019t lie on a kidney", "doesn\u2019t lie"),
        ("what can't regrow", "can't regrow"),
        ("an organ that never stores bile", "never stores"),
    ],
)
def test_denials(question: str, words: str) -> None:
    assert denied(question) == words
    resolution = resolve(question, "organs")
    assert resolution.refused
    assert resolution.reason == f"“{words}”: say what the thing is, not what it is not."


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("the organ that does not relax in achalasia", ("esophagus",)),
        ("the organ that does not work in type 1 diabetes", ("pancreas",)),
        ("both kidneys but not the left one", ("right kidney",)),
        ("the liver, not the spleen", ("liver",)),
    ],
)
def test_what_denies_nothing(question: str, things: tuple[str, ...]) -> None:
    assert denied(question) is None
    assert resolve(question, "organs").concepts == things


def test_a_meal_is_no_organ() -> None:
    assert resolve("which wine goes with fish", "organs").refused
