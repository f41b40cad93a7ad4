from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from biprompt.data.labels import ClassMasks, LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, ReferringSample, SemanticSample
from biprompt.data.sources import Nothing
from biprompt.errors import DataError
from biprompt.evaluation.model import Contender
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.referring import Question, Reading, Referring, ReferringRun
from biprompt.evaluation.referring.measuring import AT_ONCE
from biprompt.evaluation.referring.questions import of_classes, of_labels, of_sentences
from biprompt.evaluation.run import measure

Make = Callable[..., Contender]
FACTS = DataFacts("photos", "1")


def study(questions: Any, reading: Reading = Reading.SENTENCES, **more: Any) -> Referring:
    given = {"dataset": "refcoco", "splits": ("val",)} | more
    return Referring(FACTS, tuple(questions), reading=reading, **given)


def measured(asked: Referring, contender: Contender) -> dict[str, ReferringRun]:
    return {run.key: run for run in measure(asked, contender, lambda: contender, None)}


@pytest.fixture
def sentences(picture: Picture, draw: Any) -> list[Question]:
    target, ignore = draw.shapes((0, 0, 4, 4)), draw.shapes((4, 0, 5, 12))
    sample = ReferringSample(picture, 9, 1, ("left cup", "Mug"), target, ignore)
    absent = ReferringSample(picture, 9, 2, ("unicorn",), Nothing(draw.HW), no_target=True)
    return list(of_sentences([sample, absent], "val"))


def test_pixel_counts_outside_what_is_ignored(
    sentences: list[Question], speaking: Make, draw: Any
) -> None:
    cup, mug = draw.rectangle(0, 0, 6, 2), draw.rectangle(8, 8, 9, 9)
    answers = {"left cup": (cup, 0.2), "mug": (mug, 0.9)}
    contender = speaking(answers)
    found = measured(study(sentences), contender)
    assert contender.model.looks == ["1.png"]  # type: ignore[attr-defined]
    cup, mug, unicorn = (found[key] for key in ("val/1#0", "val/1#1", "val/2#0"))
    assert (cup.intersection, cup.prediction, cup.truth, cup.pixels) == (8, 10, 16, 180)
    assert (cup.refused, cup.presence, cup.hit, cup.phrase) == (True, 0.2, True, "left cup")
    assert (mug.intersection, mug.prediction, mug.refused, mug.hit) == (0, 1, False, False)
    assert (unicorn.prediction, unicorn.truth, unicorn.refused) == (0, 0, True)
    assert unicorn.hit is None and unicorn.asked


def test_a_surest_pixel_that_is_ignored_counts_nowhere(
    sentences: list[Question], speaking: Make, draw: Any
) -> None:
    contender = speaking({"mug": (draw.rectangle(4, 0, 5, 12), None)})
    assert measured(study(sentences), contender)["val/1#1"].hit is None


def test_another_size_than_its_masks(sentences: list[Question], speaking: Make) -> None:
    contender = speaking({"mug": (np.ones((5, 5), np.bool_), None)})
    with pytest.raises(DataError, match=r"1\.png: image size: expected 12 x 16"):
        measured(study(sentences[1:2]), contender)


def test_what_the_model_cannot_read_is_an_empty_answer(
    sentences: list[Question], speaking: Make, draw: Any
) -> None:
    long = replace(sentences[0], sentence="one two three four five six", key="long")
    silent = replace(sentences[2], sentence="  ", key="silent")
    contender = speaking({"mug": (draw.rectangle(0, 0, 4, 4), None)})
    found = measured(study([long, sentences[1], silent]), contender)
    assert found["val/1#1"].intersection == 16
    assert found["long"].unread == "phrase: expected at most 5 words, got more"
    assert (found["long"].truth, found["long"].refused, found["long"].hit) == (16, True, False)
    assert (found["silent"].refused, found["silent"].hit) == (True, None)
    assert "at least one word" in found["silent"].unread


@pytest.fixture
def instruments(picture: Picture, draw: Any) -> list[SemanticSample]:
    """The second one is out of sight in one frame, everything is in the other."""
    there, gone = draw.shapes((0, 0, 4, 4)), Nothing(draw.HW)
    names, other = ("forceps", "scissors"), Picture(picture.path.with_name("2.png"))
    picture.path.with_name("2.png").write_bytes(picture.path.read_bytes())
    return [
        SemanticSample(picture, "a", names, ClassMasks(((0, there), (1, gone)))),
        SemanticSample(other, "b", names, ClassMasks(((0, gone), (1, gone)))),
    ]


def test_what_the_image_does_not_show_is_left_out(
    instruments: list[SemanticSample], speaking: Make, draw: Any
) -> None:
    contender = speaking({"[semantic] forceps": (draw.rectangle(0, 0, 4, 4), 0.9)}, semantic=True)
    asked = study(of_classes(instruments, "val"), Reading.CLASSES, dataset="endovis17")
    found = measured(asked, contender)
    assert contender.model.calls == [["[semantic] forceps"]]  # type: ignore[attr-defined]
    assert contender.model.looks == ["1.png"]  # type: ignore[attr-defined]
    assert [run.asked for run in found.values()] == [True, False, False, False]
    assert asked.summarize(list(found.values()))["left_out"] == 3
    assert not asked.refusing


def test_every_class_is_asked_and_refusals_count(
    instruments: list[SemanticSample], speaking: Make, draw: Any
) -> None:
    contender = speaking({"forceps": (draw.rectangle(0, 0, 4, 4), 0.9)})
    asked = study(
        of_classes(instruments, "val", every=True), Reading.CLASSES,
        dataset="endovis17", every_class=True,
    )  # fmt: skip
    found = measured(asked, contender)
    assert contender.model.calls == [["forceps", "scissors"]] * 2  # type: ignore[attr-defined]
    numbers = asked.summarize(list(found.values()))["splits"]["val"]
    assert asked.refusing and numbers["no_target"] == 3
    assert numbers["n_acc"]["value"] == pytest.approx(2 / 3)
    assert numbers["t_acc"]["value"] == 1
    assert numbers["refusing"]["giou"]["value"] == 0.75
    assert [each.name for each in asked.baselines()][-1] == "always refuses"


def test_a_stopped_image_is_asked_in_the_same_calls(
    picture: Picture, speaking: Make, draw: Any, disk: Any
) -> None:
    numbers = np.arange(20).repeat(2)[None]
    names = tuple(f"thing {number}" for number in range(20))
    labels = LabelMap(disk.grey("labels.png", numbers), dict(enumerate(range(20))))
    disk.photo("wide.png", (1, 40))
    sample = SemanticSample(Picture(disk.root / "wide.png"), "x", names, labels)
    asked = study(of_classes([sample], "val"), Reading.CLASSES)
    contender = speaking({})
    keys = asked.wanted()
    assert len(keys) == 20 > AT_ONCE
    for done, calls in ((keys[:3], 2), (keys[:17], 1), (keys, 0)):
        contender.model.calls.clear()  # type: ignore[attr-defined]
        runs = [r for task in asked.tasks(set(done)) for r in asked.measure(contender, task)]
        assert sorted([*done, *(run.key for run in runs)]) == sorted(keys)
        expected = [list(names[:AT_ONCE]), list(names[AT_ONCE:])][2 - calls :] if calls else []
        assert contender.model.calls == expected  # type: ignore[attr-defined]


def test_all_of_a_label_is_one_question(
    things: list[InteractiveObject], speaking: Make, draw: Any
) -> None:
    both = draw.rectangle(0, 0, 4, 4) | draw.rectangle(0, 8, 2, 10)
    contender = speaking({"[semantic] dog": (both, None)}, semantic=True)
    found = measured(study(of_labels(things, "val"), Reading.CLASSES), contender)
    dog = found["val/7#Dog"]
    assert (dog.intersection, dog.prediction, dog.truth, dog.same) == (20, 20, 20, 2)


@pytest.mark.parametrize(
    ("dataset", "every", "expected"),
    [("refcoco", False, False), ("reasonseg", False, False), ("grefcoco", False, True),
     ("r-refcocog", False, True), ("ade20k", True, True)],
)  # fmt: skip
def test_where_refusals_count(dataset: str, every: bool, expected: bool) -> None:
    assert study([], dataset=dataset, every_class=every).refusing is expected


def test_settings_tell_whatever_the_records_hang_on(
    sentences: list[Question], speaking: Make
) -> None:
    contender = speaking({}, semantic=True)
    first = study(sentences).settings(contender)
    changed = [
        study(sentences[:2]),
        study(sentences, Reading.CLASSES),
        study(sentences, every_class=True),
        study(sentences, splits=("val", "testA")),
        study(sentences, dataset="refcoco+"),
    ]
    assert all(each.settings(contender) != first for each in changed)
    strict = replace(contender, policy=replace(contender.policy, presence_threshold=0.7))
    assert study(sentences).settings(strict) != first


def test_the_gallery_shows_what_counted(
    sentences: list[Question], speaking: Make, draw: Any
) -> None:
    answers = {
        "left cup": (draw.rectangle(0, 0, 4, 4), 0.2),
        "mug": (draw.rectangle(0, 0, 2, 2), 0.9),
        "unicorn": (draw.rectangle(0, 0, 9, 9), 0.8),
    }
    contender = speaking(answers)
    for dataset, shown in (("refcoco", 16), ("grefcoco", 0)):
        asked = study(sentences, dataset=dataset)
        runs = list(measured(asked, contender).values())
        found = {gallery.title: gallery.shots for gallery in asked.gallery(contender, runs)}
        (false,) = found["an answer where nothing is meant"]
        assert false.caption == "“unicorn”: IoU 0.00, presence 0.80"
        shots = {shot.caption.split(":")[0]: shot for name in found for shot in found[name]}
        cup = shots["“left cup”"]
        assert cup.answer.mask.sum() == shown
        assert cup.truth is not None and cup.truth.sum() == 16
        assert cup.answer.image is not None and cup.answer.image.shape == (*draw.HW, 3)
