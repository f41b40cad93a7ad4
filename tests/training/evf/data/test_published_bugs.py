"""The faults of EVF-SAM's published data code, each with a case in which ours does not have it.

The list is in the docstring of `biprompt.training.evf.data`.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from pycocotools import mask as coco
from tests.data.readers.conftest import Disk
from tests.data.readers.test_refer import ref, sentence
from tests.training.evf.data.conftest import Numbers
from tests.training.evf.data.test_referring import CUP, HW, TWO, annotation, write

from biprompt.data.faults import Faults
from biprompt.errors import DataError, PromptError
from biprompt.training.evf.data.opening import Opening, SourceSpec, open_drafts, open_stream
from biprompt.zoo.tokenizer import Tokenizer


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_overlapping_parts_are_not_added_up(disk: Disk) -> None:
    """1: the sum of two masks is 2 where they overlap, a target that no probability reaches."""
    write(disk, [ref(1, "train", sentence(1, "both"), ann=5)], [annotation(5, TWO)])
    mask = open_drafts(SourceSpec("refcoco", disk.root), Opening(), Faults()).draft(0, rng()).masks
    theirs = coco.decode(coco.frPyObjects(TWO, *HW)).sum(2)
    assert theirs.max() == 2
    assert mask.dtype == np.bool_
    np.testing.assert_array_equal(mask[0], theirs > 0)


def test_the_number_that_is_asked_for_is_the_one_that_comes() -> None:
    """2: items are drawn at random whatever the index: some never come, some again and again."""
    from biprompt.training.evf.data.stream import Stream

    stream = Stream([Numbers("a", 200)], seed=0)
    ours = Counter(stream.sample(n).key for n in range(200))
    assert set(ours.values()) == {1} and len(ours) == 200
    theirs = Counter(rng().integers(200, size=200).tolist())
    assert len(theirs) < 140 and max(theirs.values()) > 2


def test_the_background_is_no_class(disk: Disk) -> None:
    """3: HumanParsing's "background" is asked for like a garment."""
    disk.photo("JPEGImages/x.jpg", (2, 3))
    disk.grey("SegmentationClassAug/x.png", [[0, 0, 0], [0, 0, 1]])
    drafts = open_drafts(SourceSpec("humanparsing", disk.root), Opening(), Faults())
    assert {p for s in range(20) for p in drafts.draft(0, rng(s)).phrases} == {"[semantic] hat"}


def test_a_picture_without_an_answer_is_not_always_the_first_one(disk: Disk) -> None:
    """4: what has no class is replaced by item 0, which so comes far too often."""
    for i in range(12):
        disk.photo(f"images/training/{i:02}.jpg", (2, 3))
        disk.grey(f"annotations/training/{i:02}.png", [[1 if i > 5 else 0] * 3] * 2)
    stream = open_stream([SourceSpec("ade20k", disk.root)], Opening(), seed=0)
    counts = Counter(stream.sample(n).key for n in range(240))
    assert set(counts) == {f"ade20k/{i:02}" for i in range(6, 12)}
    assert max(counts.values()) < 2 * min(counts.values())


def test_an_annotation_without_a_mask_teaches_nothing(disk: Disk) -> None:
    """5: a sentence whose annotation is empty is trained with an empty mask."""
    write(disk, [ref(1, "train", sentence(1, "cup"), ann=5)], [annotation(5, [])])
    with pytest.raises(DataError, match="reference 1: mask: expected polygons or run lengths"):
        open_drafts(SourceSpec("refcoco", disk.root), Opening(), Faults())


def test_two_points_are_an_error_that_says_where(disk: Disk) -> None:
    """6: pycocotools takes four numbers for a box and fails; a bare except hides it."""
    points = [[1, 1, 4, 3]]
    with pytest.raises(TypeError, match="'bb' has incorrect type"):
        coco.frPyObjects(points, *HW)
    write(disk, [ref(1, "train", sentence(1, "cup"), ann=5)], [annotation(5, points)])
    with pytest.raises(DataError, match="reference 1: polygon: expected at least 3 points, got 2"):
        open_drafts(SourceSpec("refcoco", disk.root), Opening(), Faults())


def test_long_phrases_are_an_error_and_never_cut(disk: Disk) -> None:
    """7: where a phrase is too long the published code refers to a name that does not exist."""
    text = "cup " * 40
    write(disk, [ref(1, "train", sentence(1, text), ann=5)], [annotation(5, CUP)])
    drafts = open_drafts(SourceSpec("refcoco", disk.root), Opening(), Faults())
    assert drafts.draft(0, rng()).phrases == (text.strip(),)

    class Pieces:
        def encode(self, said: str) -> list[int]:
            return [7] * len(said.split())

    with pytest.raises(PromptError, match="at most 16 tokens, got 42 tokens"):
        Tokenizer(Pieces()).encode(text, max_tokens=16)  # type: ignore[arg-type]


def test_sentences_are_trained_as_they_will_be_asked(disk: Disk) -> None:
    """8: evaluation strips sentences, training takes them raw."""
    write(disk, [ref(1, "train", sentence(1, " left  cup\t"), ann=5)], [annotation(5, CUP)])
    drafts = open_drafts(SourceSpec("refcoco", disk.root), Opening(), Faults())
    assert drafts.draft(0, rng()).phrases == ("left cup",)
