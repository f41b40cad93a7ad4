from __future__ import annotations

import pytest

from biprompt.errors import DataError
from biprompt.prompts import Text
from biprompt.training.evf.data.captions import cleaned, misread

GOOD = [
    "the cup",
    "café au lait",
    "naïve",
    "the man\u2019s hat",
    "синяя чашка",
    "青いカップ",
    "Ärzte",
    "a ½ b",
]


@pytest.mark.parametrize("phrase", GOOD)
def test_text_stays(phrase: str) -> None:
    assert not misread(phrase)
    assert cleaned(phrase, "it") == Text(phrase).phrase


@pytest.mark.parametrize("phrase", [p for p in GOOD if not p.isascii()])
def test_utf_8_read_in_another_way_is_found(phrase: str) -> None:
    assert misread(phrase.encode().decode("latin-1"))
    assert misread(phrase.encode().decode("utf-8", "replace")[:-1] + "\ufffd")
    assert misread(phrase.encode("utf-16-le").decode("utf-8", "surrogateescape") + "\udc80")


def test_utf_8_read_as_windows_1252_is_found() -> None:
    assert misread("the man\u2019s café".encode().decode("cp1252"))


def test_spaces_and_forms_are_those_of_prompts() -> None:
    assert cleaned("  the \n cup ", "it") == "the cup"
    assert cleaned("ﬁg", "it") == "fig"


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        (None, "sentence 2 of reference 7: expected text, got NoneType"),
        (b"cup", "expected text, got bytes"),
        ("", "sentence 2 of reference 7"),
        (" \t", "sentence 2 of reference 7"),
        ("x" * 1001, "sentence 2 of reference 7: expected"),
        ("caf\xc3\xa9", "expected text in UTF-8, got 'caf"),
        ("a\x00b", "sentence 2 of reference 7"),
    ],
)
def test_what_no_model_can_be_asked(phrase: object, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        cleaned(phrase, "sentence 2 of reference 7")
    assert "\n" not in str(caught.value)
