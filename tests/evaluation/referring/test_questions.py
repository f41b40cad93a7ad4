from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from biprompt.data.labels import LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, ReferringSample, SemanticSample
from biprompt.data.sources import Nothing
from biprompt.errors import DataError
from biprompt.evaluation.referring.questions import of_classes, of_labels, of_sentences, of_things

CLASSES = ("background", "sky", "cup", "dog")


def test_sentences_of_one_reference_are_numbered_on(picture: Picture, draw: Any) -> None:
    """A reference of R-RefCOCO comes twice: with what means it, and with what means nothing."""
    target = draw.shapes((0, 0, 4, 4))
    there = ReferringSample(picture, 9, 1, ("a", "b"), target)
    absent = replace(there, sentences=("c",), target=Nothing(draw.HW), no_target=True)
    other = replace(there, ref_id=2, sentences=("d",))
    asked = list(of_sentences([there, absent, other], "val"))
    assert [(q.key, q.sentence) for q in asked] == [
        ("val/1#0", "a"), ("val/1#1", "b"), ("val/1#2", "c"), ("val/2#0", "d"),
    ]  # fmt: skip
    assert {(q.image, q.label, q.same, q.split) for q in asked} == {("9", "", None, "val")}
    assert [int(q.target.decode().sum()) for q in asked] == [16, 16, 0, 16]


@pytest.fixture
def scene(picture: Picture, disk: Any) -> SemanticSample:
    labels = disk.grey("labels.png", [[0, 1, 1, 3], [255, 1, 0, 3]])
    meaning = {0: 0, 1: 1, 2: 2, 3: 3, 255: -1}
    return SemanticSample(picture, "x", CLASSES, LabelMap(labels, meaning), background=0)


def test_classes_in_the_image_are_asked_but_not_the_background(scene: SemanticSample) -> None:
    asked = list(of_classes([scene], "val"))
    assert [(q.key, q.sentence, q.label) for q in asked] == [
        ("val/x#1", "sky", "sky"), ("val/x#3", "dog", "dog"),
    ]  # fmt: skip
    sky, dog = (q.target.decode() for q in asked)
    assert sky.tolist() == [[False, True, True, False], [False, True, False, False]]
    assert dog.sum() == 2
    ignored = asked[0].ignore
    assert ignored is not None and np.argwhere(ignored.decode()).tolist() == [[1, 0]]


def test_every_class_is_asked_where_that_is_wanted(scene: SemanticSample) -> None:
    asked = list(of_classes([scene], "val", every=True))
    assert [q.sentence for q in asked] == ["sky", "cup", "dog"]
    assert [int(q.target.decode().sum()) for q in asked] == [3, 0, 2]


def test_a_label_means_all_of_its_things(things: list[InteractiveObject], draw: Any) -> None:
    dogs, cup = of_labels(things, "all")
    assert (dogs.key, dogs.sentence, dogs.same) == ("all/7#Dog", "Dog", 2)
    assert (cup.key, cup.same) == ("all/7#cup", 1)
    both = draw.rectangle(0, 0, 4, 4) | draw.rectangle(0, 8, 2, 10)
    np.testing.assert_array_equal(dogs.target.decode(), both)
    *_, zebra = of_labels(things, "all", ["cup", "zebra"])
    assert (zebra.key, zebra.same, zebra.target.decode().sum()) == ("all/7#zebra", 0, 0)
    assert len(list(of_labels(things, "all", ["cup", "zebra"]))) == 3


def test_a_label_ignores_what_its_things_ignore(things: list[InteractiveObject], draw: Any) -> None:
    things[0] = replace(things[0], ignore=draw.shapes((4, 0, 5, 4)))
    dogs, cup = of_labels(things, "all")
    assert dogs.ignore is not None and dogs.ignore.decode().sum() == 4
    assert cup.ignore is None


def test_single_things(things: list[InteractiveObject]) -> None:
    asked = list(of_things(things, "all"))
    assert [(q.key, q.sentence, q.same) for q in asked] == [
        ("all/7#1", "Dog", 2), ("all/7#2", "cup", 1), ("all/7#3", "Dog", 2),
    ]  # fmt: skip
    assert [int(q.target.decode().sum()) for q in asked] == [16, 4, 4]


@pytest.mark.parametrize("read", [of_labels, of_things])
def test_a_thing_without_a_name(things: list[InteractiveObject], read: Any) -> None:
    with pytest.raises(DataError, match="object 7#2: expected a label, as words are asked, got no"):
        list(read([things[0], replace(things[1], label=None)], "all"))
