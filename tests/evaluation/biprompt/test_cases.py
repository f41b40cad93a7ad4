from __future__ import annotations

from pathlib import Path

import pytest

from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, ReferringSample
from biprompt.data.sources import Nothing
from biprompt.errors import DataError
from biprompt.evaluation.biprompt.cases import cases_of

PICTURE, EMPTY = Picture(Path("a.png")), Nothing((4, 5))


def test_an_object_is_asked_by_its_name() -> None:
    (case,) = cases_of([InteractiveObject(PICTURE, 3, "x", EMPTY, label="cup")])
    assert (case.key, case.thing, case.label, case.image_id) == ("3#x", "3#x", "cup", "3")
    assert case.sample.mask().shape == (4, 5)


def test_a_reference_is_asked_by_each_sentence_and_clicked_alike() -> None:
    there = ReferringSample(PICTURE, 3, 8, ("Left Cup ", "the mug"), EMPTY)
    nothing = ReferringSample(PICTURE, 3, 9, ("red dog",), EMPTY, no_target=True)
    one, other = cases_of([there, nothing])
    assert (one.key, one.label) == ("3#8#1", "left cup")  # as EVF-SAM's evaluation writes it
    assert (other.key, other.label) == ("3#8#2", "the mug")
    assert one.thing == other.thing == "3#8"


@pytest.mark.parametrize("label", [None, " "])
def test_an_object_without_a_name_is_named(label: str | None) -> None:
    with pytest.raises(DataError, match=r"a\.png: label of object 3#x: expected a name"):
        list(cases_of([InteractiveObject(PICTURE, 3, "x", EMPTY, label=label)]))
