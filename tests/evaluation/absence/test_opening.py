"""Which photographs are asked for what, in every kind of data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.data.labels import LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.readers.registry import READERS, Kind
from biprompt.data.samples import ReferringSample, SampleSet, SemanticSample
from biprompt.data.sources import Nothing, Shapes
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.evaluation.absence import DATASETS, Labelled, Question, open_photographs
from biprompt.evaluation.absence.opening import described
from biprompt.evaluation.absence.photographs import WordList
from biprompt.masks import rle_encode

LABELS = ["cup", "dog", "zebra"]


@pytest.fixture
def many(tmp_path: Path, tools: Any) -> Path:
    photos = {f"{number}.png": tools.PHOTOS["a.png"] for number in range(40)}
    root: Path = tools.write_set(tmp_path / "many-train", photos, LABELS)
    return root


def names(opened: Any) -> list[str]:
    return [each.picture.path.name for each in opened.photographs]


def test_of_a_training_folder_only_what_is_kept_out_of_it(many: Path) -> None:
    held_out = open_photographs(many)
    assert held_out.validation_only and held_out.data.name == "many-train-validation"
    assert 0 < len(held_out.photographs) < 20
    assert names(held_out) == sorted(n for n in map("{}.png".format, range(40)) if is_validation(n))
    every = open_photographs(many, validation_only=False)
    assert len(every.photographs) == 40 and every.data.name == "many-train"
    assert every.data.digest == held_out.data.digest
    assert names(open_photographs(many, limit=2)) == names(held_out)[:2]


def test_another_folder_is_asked_as_a_whole(many: Path) -> None:
    other = many.rename(many.parent / "many-test")
    opened = open_photographs(other)
    assert not opened.validation_only and opened.data.name == "many-test"
    assert len(opened.photographs) == 40 and opened.kind is Kind.INTERACTIVE
    assert len(open_photographs(other, validation_only=True).photographs) < 20


def test_every_class_is_asked_and_the_truth_is_known(dataset: Any) -> None:
    first, second, _ = open_photographs(dataset.root).photographs
    cup, dog, zebra = first.questions()
    assert [each.name for each in (cup, dog, zebra)] == LABELS
    assert (cup.there, dog.there, zebra.there) == (True, True, False)
    np.testing.assert_array_equal(cup.truth, dataset.images[0].annotations[0].mask())
    assert zebra.truth is None
    assert [each.there for each in second.questions()] == [False, True, False]


def test_a_set_that_does_not_tell_what_is_absent_is_refused(dataset: Any) -> None:
    for name in ("coco-mval", "davis", "refcoco", "phrasecut", "flare22", "nothing"):
        with pytest.raises(DataError, match=f"tells what is not there: .*, got {name}"):
            open_photographs(dataset.root, name)


def test_all_that_are_offered_have_a_reader() -> None:
    assert set(DATASETS) <= set(READERS)
    assert {READERS[name].kind for name in DATASETS} == {
        Kind.INTERACTIVE, Kind.SEMANTIC, Kind.REFERRING
    }  # fmt: skip


def test_a_single_name_or_no_photograph_is_told(tmp_path: Path, tools: Any) -> None:
    photos = {"a.png": [("thing", (2, 2, 9, 9))]}
    root = tools.write_set(tmp_path / "one", photos, ["thing"])
    with pytest.raises(DataError, match="names to ask for: expected two or more, got thing"):
        open_photographs(root)
    root = tools.write_set(tmp_path / "two", photos, ["thing", "other"])
    with pytest.raises(DataError, match="photographs kept out of training: expected at least one"):
        open_photographs(root, validation_only=True)
    with pytest.raises(DataError, match="split of coco-folder: expected all, got val"):
        open_photographs(root, split="val")


def test_background_is_no_name(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.array([[0, 1, 255], [0, 1, 1]], np.uint8)).save(tmp_path / "a.png")
    source = LabelMap(tmp_path / "a.png", {0: 0, 1: 1, 2: 2, 255: -1})
    classes = ("background", "cat", "dog")
    asked = Labelled(SemanticSample(Picture(tmp_path / "a.jpg"), "a", classes, source, 0))
    cat, dog = asked.questions()
    assert (cat.name, cat.there, dog.name, dog.there) == ("cat", True, "dog", False)
    assert cat.truth.tolist() == [[False, True, False], [False, True, True]]  # type: ignore[union-attr]
    assert asked.ignored().tolist() == [[False, False, True], [False] * 3]  # type: ignore[union-attr]


def test_sentences_are_grouped_by_photograph(tools: Any) -> None:
    mask = tools.rectangle((2, 2, 9, 9))
    there = Shapes(mask.shape, (), (rle_encode(mask),))

    def sample(image: int, ref: int, *sentences: str, absent: bool = False) -> ReferringSample:
        target = Nothing(mask.shape) if absent else there
        picture = Picture(Path(f"{image}.jpg"))
        return ReferringSample(picture, image, ref, sentences, target, no_target=absent)

    samples = (
        sample(1, 5, "cup", "red cup"),
        sample(1, 5, "dog", absent=True),
        sample(2, 6, "horse", absent=True),
        sample(1, 8, "table"),
    )
    first, second = described(SampleSet("r-refcoco", "val", samples))
    asked = [each._replace(truth=None) for each in first.questions()]
    assert asked == [
        Question("cup", True, None, "5"),
        Question("red cup", True, None, "5"),
        Question("dog", False, None, "5"),
        Question("table", True, None, "8"),
    ]
    truths = [each.truth for each in first.questions()]
    np.testing.assert_array_equal(truths[1], mask)
    assert truths[2] is None and (first.key, second.key) == ("1", "2")


def test_a_list_of_words_has_no_truth() -> None:
    asked = WordList("invented", Picture(Path("a.jpg")))
    words = list(asked.questions())
    assert len(words) == 12 and not any(each.there for each in words)
    assert asked.key == "words: invented" and asked.ignored() is None
