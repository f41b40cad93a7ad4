from __future__ import annotations

from typing import Any

import pytest

from biprompt.errors import InputError, PromptError
from biprompt.segmenter.classes import ClassRules, NamedClass, classes_of
from biprompt.segmenter.classes.synonyms import plural, with_synonyms
from biprompt.segmenter.classes.templates import check_templates, default_templates, worded


@pytest.mark.parametrize(
    "given",
    [
        " sky ;  person = man,  old woman ; ",
        ["sky", "person = man, old woman"],
        {"sky": [], "person": ["man", "old  woman"]},
        [NamedClass("sky"), NamedClass("person", ("man", "old woman"))],
    ],
)
def test_the_ways_to_write_classes(given: Any) -> None:
    found = classes_of(given)
    assert [each.words for each in found] == [("sky",), ("person", "man", "old woman")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "classes: expected 1 to 65535 names, got 0"),
        ("dog; Dog", "classes: expected each name once, got 'Dog'"),
        ("dog = ", "phrase: expected at least one word"),
        ("= dog", "phrase: expected at least one word"),
        ([3], "class: expected a name, or NAME = WORDS, WORDS, got 3"),
    ],
)
def test_classes_that_are_none(given: Any, message: str) -> None:
    with pytest.raises(PromptError, match="^" + message.split(", got")[0]) as error:
        classes_of(given)
    assert message in str(error.value)


def test_a_word_is_asked_once() -> None:
    assert NamedClass("dog", ("puppy", "dog")).words == ("dog", "puppy")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("dog", "dogs"), ("bus", "buses"), ("person", "people"), ("sky", "sky"), ("puffin", "puffins"),
     ("lorry", "lorries"), ("stairs", "stairs"), ("moss", "mosses")],
)  # fmt: skip
def test_plurals(word: str, expected: str) -> None:
    assert plural(word) == expected


def test_each_sort_of_synonyms_holds_those_before_it() -> None:
    given = with_synonyms(["car"], "given")
    plurals = with_synonyms(["car"], "plural")
    same = with_synonyms(["car"], "same")
    narrow = with_synonyms(["car"], "narrow")
    assert given == ("car",) and plurals == ("car", "cars")
    assert {"automobile", "automobiles"} <= set(same) and "taxi" not in same
    assert "taxi" in narrow and set(given) < set(plurals) < set(same) < set(narrow)
    assert with_synonyms(["gizmo", "Gizmo"], "same") == ("gizmo", "gizmos")


def test_unknown_synonyms() -> None:
    with pytest.raises(InputError, match="synonyms: expected given, plural, same, narrow"):
        ClassRules(synonyms="all")  # type: ignore[arg-type]


def test_templates() -> None:
    assert worded("a photo of a {}", " Stop Sign ") == "a photo of a stop sign"
    assert check_templates(["{}", "a {}", "{}"]) == ("{}", "a {}")
    assert default_templates("evf-sam", semantic=True) == ("[semantic] {}",)
    assert default_templates("compact", semantic=True) == ("{}",)
    assert default_templates("other", semantic=False) == ("{}",)


@pytest.mark.parametrize("templates", [(), ("thing",), ("{} and {}",)])
def test_templates_without_a_place(templates: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="template"):
        ClassRules(templates=templates)


@pytest.mark.parametrize("bad", [{"denoise": 1.1}, {"least": -0.1}, {"weight": 11.0}])
def test_rules_out_of_range(bad: dict[str, float]) -> None:
    with pytest.raises(InputError, match="expected a number from 0 to"):
        ClassRules(**bad)  # type: ignore[arg-type]


def test_commas_between_classes_are_told() -> None:
    with pytest.raises(PromptError, match="names with ';' between them, got 'cup, plate'"):
        classes_of("cup, plate")
    assert len(classes_of("cup = mug, beaker")) == 1
