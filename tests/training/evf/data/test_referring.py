"""Referring expressions in the official layout, through the readers."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco
from tests.data.readers.conftest import Disk
from tests.data.readers.test_refer import HEIGHT, WIDTH, ref, sentence

from biprompt.data.faults import Faults
from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError
from biprompt.training.evf.data.referring import ReferringDrafts, by_picture

HW = (HEIGHT, WIDTH)
CUP, PLATE = [[1, 1, 5, 1, 5, 4, 1, 4]], [[4, 3, 7, 3, 7, 6, 4, 6]]
TWO = [[0, 0, 3, 0, 3, 3, 0, 3], [1, 1, 4, 1, 4, 4, 1, 4]]
NAMES = {9: "COCO_train2014_000000000009.jpg", 10: "COCO_train2014_000000000010.jpg"}


def official(segmentation: Any) -> np.ndarray:
    return coco.decode(coco.frPyObjects(segmentation, *HW)).any(2)


def annotation(number: int, segmentation: Any, image: int = 9, category: int = 3) -> dict[str, Any]:
    return {"id": number, "image_id": image, "category_id": category, "iscrowd": 0,
            "segmentation": segmentation}  # fmt: skip


def of(image: int, made: dict[str, Any]) -> dict[str, Any]:
    return made | {"image_id": image}


def write(disk: Disk, refs: list[Any], annotations: list[Any], folder: str = "refcoco") -> None:
    images = [{"id": i, "file_name": n, "height": HEIGHT, "width": WIDTH} for i, n in NAMES.items()]
    categories = [{"id": 3, "name": "cup"}, {"id": 4, "name": "dog"}]
    document = {"images": images, "annotations": annotations, "categories": categories}
    disk.json(f"{folder}/instances.json", document)
    disk.pickle(f"{folder}/refs({'umd' if folder == 'refcocog' else 'unc'}).p", refs)
    for name in NAMES.values():
        disk.photo(f"images/mscoco/train2014/{name}", HW)


@pytest.fixture
def refcoco(disk: Disk) -> Disk:
    refs = [
        ref(1, "train", *(sentence(i, f"cup {w}") for i, w in enumerate("abc")), ann=5),
        ref(2, "train", *(sentence(i, f"plate {w}") for i, w in enumerate("de")), ann=6),
        of(10, ref(3, "train", sentence(9, "both halves"), ann=7)),
        ref(4, "val", sentence(11, "held out"), ann=5),
    ]
    write(disk, refs, [annotation(5, CUP), annotation(6, PLATE), annotation(7, TWO, 10)])
    return disk


def opened(disk: Disk, most: int | None = 3, faults: Faults | None = None) -> ReferringDrafts:
    faults = Faults() if faults is None else faults
    samples = read_dataset("refcoco", disk.root, "train", faults=faults)
    return ReferringDrafts("refcoco", by_picture(samples, faults), most)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_an_item_is_a_picture_with_all_its_references(refcoco: Disk) -> None:
    drafts = opened(refcoco, None)
    assert len(drafts) == 2
    made = drafts.draft(0, rng())
    assert made.phrases == ("cup a", "cup b", "cup c", "plate d", "plate e")
    for row, phrase in enumerate(made.phrases):
        expected = official(CUP if phrase.startswith("cup") else PLATE)
        np.testing.assert_array_equal(made.masks[row], expected)
    np.testing.assert_array_equal(made.pixels, drafts.picture(0))
    assert (made.key, made.variant) == ("refcoco/9", "")


def test_at_most_three_sentences_none_twice_all_alike(refcoco: Disk) -> None:
    drafts = opened(refcoco)
    counts: Counter[str] = Counter()
    for seed in range(500):
        made = drafts.draft(0, rng(seed))
        assert len(made.phrases) == len(set(made.phrases)) == len(made.masks) == 3
        counts.update(made.phrases)
        for phrase, mask in zip(made.phrases, made.masks, strict=True):
            area = official(CUP if phrase.startswith("cup") else PLATE).sum()
            assert mask.sum() == area
    assert set(counts) == {"cup a", "cup b", "cup c", "plate d", "plate e"}
    assert all(240 < count < 360 for count in counts.values())  # 300 each
    assert drafts.draft(1, rng()).phrases == ("both halves",)


def test_the_same_generator_draws_the_same_sentences(refcoco: Disk) -> None:
    drafts = opened(refcoco)
    assert drafts.draft(0, rng(5)).phrases == drafts.draft(0, rng(5)).phrases


def test_parts_of_a_mask_are_joined(refcoco: Disk) -> None:
    mask = opened(refcoco).draft(1, rng()).masks[0]
    assert coco.decode(coco.frPyObjects(TWO, *HW)).sum(2).max() == 2, "they overlap"
    assert mask.dtype == np.bool_
    np.testing.assert_array_equal(mask, official(TWO))


BAD = {
    "no mask": (annotation(6, []), "annotation of reference 2: mask: expected polygons"),
    "two points": (annotation(6, [[1, 1, 5, 4]]), "reference 2: polygon: .* 3 points, got 2"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_annotation_names_file_and_reference(refcoco: Disk, case: str) -> None:
    bad, message = BAD[case]
    refs = [ref(1, "train", sentence(1, "cup"), ann=5), ref(2, "train", sentence(2, "x"), ann=6)]
    write(refcoco, refs, [annotation(5, CUP), bad])
    with pytest.raises(DataError, match=f"refcoco/instances.json: .*{message}"):
        opened(refcoco)
    faults = Faults(skip=True)
    drafts = opened(refcoco, faults=faults)
    assert drafts.draft(0, rng()).phrases == ("cup",)
    assert faults.count == 1 and len(faults.lines()) == 2


def test_a_sentence_in_a_wrong_encoding(refcoco: Disk) -> None:
    said = [sentence(1, "caf\xc3\xa9"), sentence(2, "cup")]
    write(refcoco, [ref(1, "train", *said, ann=5)], [annotation(5, CUP)])
    message = (
        r"refcoco/instances\.json: sentence 1 of reference 1: expected text in UTF-8, got 'caf"
    )
    with pytest.raises(DataError, match=message):
        opened(refcoco)
    faults = Faults(skip=True)
    assert opened(refcoco, faults=faults).draft(0, rng()).phrases == ("cup",)
    assert faults.count == 1


def test_a_picture_that_is_listed_but_missing(refcoco: Disk) -> None:
    next(refcoco.root.rglob(NAMES[10])).unlink()
    with pytest.raises(DataError, match=f"{NAMES[10]}: file: .*where refcoco"):
        opened(refcoco)
    faults = Faults(skip=True)
    assert len(opened(refcoco, faults=faults)) == 1
    assert faults.count == 1


def test_a_picture_of_another_size_than_its_masks(refcoco: Disk) -> None:
    refcoco.photo(f"images/mscoco/train2014/{NAMES[9]}", (HEIGHT + 1, WIDTH))
    drafts = opened(refcoco)
    with pytest.raises(DataError, match=r"09\.jpg: refcoco/9: picture: expected 8 x 6 pixels"):
        drafts.draft(0, rng())


def test_long_sentences_stay_whole(refcoco: Disk) -> None:
    text = "the cup " + "that stands beside the other one " * 20
    write(refcoco, [ref(1, "train", sentence(1, text), ann=5)], [annotation(5, CUP)])
    assert opened(refcoco).draft(0, rng()).phrases == (text.strip(),)
