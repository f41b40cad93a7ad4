"""The refer family: RefCOCO, RefCLEF, R-RefCOCO and gRefCOCO."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError

HEIGHT, WIDTH = 6, 8
CUP = [[1.2, 1.1, 5.4, 1.3, 5.1, 4.8, 1.0, 4.6]]
TWO = [[0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 2.0], [1.0, 1.0, 4.0, 1.0, 4.0, 4.0, 1.0, 4.0]]
NAME = "COCO_train2014_000000000009.jpg"


def official(segmentation: Any) -> np.ndarray:
    """The mask as the refer API makes it, overlapping parts counted once."""
    rles = coco.frPyObjects(segmentation, HEIGHT, WIDTH)
    return coco.decode(rles).sum(axis=2) > 0


def instances(file_name: str = NAME, **masks: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 9, "file_name": file_name, "height": HEIGHT, "width": WIDTH}],
        "annotations": [
            {"id": int(n[1:]), "image_id": 9, "category_id": 3, "segmentation": m, "iscrowd": 0}
            for n, m in masks.items()
        ],
        "categories": [{"id": 3, "name": "cup"}],
    }


def ref(number: int, split: str, *sentences: dict[str, Any], ann: Any = 5) -> dict[str, Any]:
    return {
        "ref_id": number, "ann_id": ann, "image_id": 9, "category_id": 3, "split": split,
        "file_name": f"COCO_train2014_000000000009_{number}.jpg",
        "sent_ids": [s["sent_id"] for s in sentences], "sentences": list(sentences),
    }  # fmt: skip


def sentence(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {"sent_id": number, "sent": text, "raw": text.upper(), "tokens": text.split(), **more}


@pytest.fixture
def refcoco(disk: Any) -> Any:
    disk.photo(f"images/mscoco/images/train2014/{NAME}", (HEIGHT, WIDTH))
    disk.json("refcoco/instances.json", instances(a5=CUP, a6=TWO))
    refs = [
        ref(1, "val", sentence(1, "left cup"), sentence(2, "the cup")),
        ref(2, "testA", sentence(3, "both"), ann=6),
        ref(3, "train", sentence(4, "cup")),
    ]
    disk.pickle("refcoco/refs(unc).p", refs)
    return disk


def test_refcoco(refcoco: Any) -> None:
    data = read_dataset("refcoco", refcoco.root)
    assert (data.name, data.split, len(data)) == ("refcoco", "val", 1)
    sample = data[0]
    assert sample.sentences == ("left cup", "the cup")
    assert (sample.image_id, sample.ref_id, sample.no_target) == (9, 1, False)
    assert sample.picture.load().hw == (HEIGHT, WIDTH)
    assert sample.ignore_mask() is None
    np.testing.assert_array_equal(sample.mask(), official(CUP))


def test_overlapping_parts_are_joined_not_added_up(refcoco: Any) -> None:
    mask = read_dataset("refcoco", refcoco.root, "testA")[0].mask()
    assert mask.dtype == np.bool_
    np.testing.assert_array_equal(mask, official(TWO))


def test_samples_are_picklable_and_undecoded(refcoco: Any) -> None:
    sample = pickle.loads(pickle.dumps(read_dataset("refcoco", refcoco.root)[0]))
    np.testing.assert_array_equal(sample.mask(), official(CUP))


@pytest.mark.parametrize(
    ("asked", "stated", "in_it"),
    [("testA", "testAB", True), ("testB", "testAB", True), ("testC", "testAB", False),
     ("test", "testA", True), ("test", "test", True), ("testA", "test", False),
     ("val", "val", True), ("val", "train", False)],
)  # fmt: skip
def test_splits_follow_the_refer_api(disk: Any, asked: str, stated: str, in_it: bool) -> None:
    from biprompt.data.readers.refer import in_split

    assert in_split(stated, asked) is in_it


@pytest.mark.parametrize("place", ["images/mscoco/train2014", "images/train2014", "train2014"])
def test_photographs_lie_in_one_of_the_usual_places(refcoco: Any, place: str) -> None:
    old = refcoco.root / "images/mscoco/images/train2014"
    refcoco.at(f"{place}/x")
    (old / NAME).rename(refcoco.root / place / NAME)
    old.rmdir()
    assert read_dataset("refcoco", refcoco.root)[0].picture.load().hw == (HEIGHT, WIDTH)


def test_refclef_has_run_lengths_and_its_own_photographs(disk: Any) -> None:
    disk.photo("images/saiapr_tc-12/00/images/25.jpg", (HEIGHT, WIDTH))
    rle = coco.merge(coco.frPyObjects(CUP, HEIGHT, WIDTH))
    packed = {"size": [HEIGHT, WIDTH], "counts": rle["counts"].decode()}
    disk.json("refclef/instances.json", instances("00/images/25.jpg", a5=[packed]))
    disk.pickle("refclef/refs(unc).p", [ref(1, "testB", sentence(1, "mug"))], protocol=0)
    sample = read_dataset("refclef", disk.root, "testB")[0]
    np.testing.assert_array_equal(sample.mask(), official(CUP))
    assert sample.picture.path.name == "25.jpg"


def test_r_refcoco_parts_sentences_that_mean_nothing(disk: Any) -> None:
    disk.photo(f"images/mscoco/train2014/{NAME}", (HEIGHT, WIDTH))
    disk.json("rrefcoco/instances.json", instances(a5=CUP))
    absent = {"sent_id": 2, "raw": "red dog", "tokens": ["red", "dog"], "exist": False}
    refs = [ref(1, "val", sentence(1, "cup"), absent, sentence(3, "mug", exist=True))]
    disk.pickle("rrefcoco/refs(unc).p", refs)
    there, nothing = read_dataset("r-refcoco", disk.root, "val")
    assert (there.sentences, there.no_target) == (("cup", "mug"), False)
    assert (nothing.sentences, nothing.no_target) == (("red dog",), True)
    assert nothing.ref_id == there.ref_id
    assert nothing.mask().shape == (HEIGHT, WIDTH)
    assert not nothing.mask().any()


def test_grefcoco_joins_targets_and_knows_none(disk: Any) -> None:
    disk.photo(f"images/mscoco/train2014/{NAME}", (HEIGHT, WIDTH))
    disk.json("grefcoco/instances.json", instances(a5=CUP, a6=TWO, a7=CUP))
    refs = [
        ref(1, "val", sentence(1, "all cups"), ann=[5, 6]),
        ref(2, "val", sentence(2, "the dog"), ann=[-1]),
        ref(3, "train", sentence(3, "cup"), ann=[7]),
    ]
    disk.json("grefcoco/grefs(unc).json", refs)
    both, none = read_dataset("grefcoco", disk.root)
    np.testing.assert_array_equal(both.mask(), official(CUP) | official(TWO))
    assert (both.no_target, none.no_target) == (False, True)
    assert not none.mask().any()
    assert none.mask().shape == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("refcoco/refs(unc).p", r"refs\(unc\)\.p: file: .*biprompt data where refcoco"),
        ("refcoco/instances.json", "instances.json: file"),
        (f"images/mscoco/images/train2014/{NAME}", NAME),
    ],
)
def test_a_missing_file_is_named_with_what_to_do(refcoco: Any, broken: str, named: str) -> None:
    (refcoco.root / broken).unlink()
    with pytest.raises(DataError, match=named):
        read_dataset("refcoco", refcoco.root)


def test_a_missing_folder_of_photographs(refcoco: Any) -> None:
    (refcoco.root / "images").rename(refcoco.root / "photos")
    with pytest.raises(DataError, match=r"images/mscoco/train2014: folder: .* or images/mscoco/im"):
        read_dataset("refcoco", refcoco.root)


def test_a_missing_split_names_those_that_are_there(refcoco: Any) -> None:
    with pytest.raises(DataError, match="expected testA, train, val, got testB"):
        read_dataset("refcoco", refcoco.root, "testB")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"a": 1}, "expected a list, got dict"),
        ([{"ref_id": 1}], "key 'split'"),
        ([ref(1, "val", {"sent_id": 1})], "key 'raw'"),
        ([ref(1, "val", sentence(1, "x"), ann="5")], "key 'ann_id'"),
        ([ref(1, "val", sentence(1, "x"), ann=99)], "annotation of reference 1"),
    ],
)
def test_references_of_another_form(refcoco: Any, content: Any, named: str) -> None:
    refcoco.pickle("refcoco/refs(unc).p", content)
    with pytest.raises(DataError, match=named):
        read_dataset("refcoco", refcoco.root)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"images": 3}, "key 'images'"),
        ({"images": [{"id": 9, "file_name": "../x.jpg", "height": 6, "width": 8}]}, r"\.\./x\.jpg"),
        ({"images": [{"id": 9, "file_name": NAME, "height": 0, "width": 8}]}, "image size"),
        ({"annotations": [{"id": 5, "image_id": 1, "category_id": 3}]}, "image_id of annotation 5"),
        (instances(a5="text"), "segmentation"),
        (instances(a5=[[1, 2, 3]]), "polygon"),
    ],
)
def test_instances_of_another_form(refcoco: Any, change: Any, named: str) -> None:
    refcoco.json("refcoco/instances.json", instances(a5=CUP) | change)
    with pytest.raises(DataError, match=named):
        read_dataset("refcoco", refcoco.root)


def test_damaged_run_lengths_are_found_when_decoded(refcoco: Any) -> None:
    damaged = [{"size": [HEIGHT, WIDTH], "counts": "zzz"}]
    refcoco.json("refcoco/instances.json", instances(a5=damaged))
    sample = read_dataset("refcoco", refcoco.root)[0]
    with pytest.raises(DataError, match=r"instances\.json"):
        sample.mask()


def test_damaged_json(refcoco: Any) -> None:
    refcoco.text("refcoco/instances.json", '{"images": [')
    with pytest.raises(DataError, match=r"instances\.json: annotations: expected JSON"):
        read_dataset("refcoco", refcoco.root)
