from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from tests.data.readers.conftest import Disk

from biprompt.data.faults import Faults
from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError
from biprompt.training.evf.data.opening import Opening, SourceSpec, open_drafts, open_stream
from biprompt.training.evf.data.semantic import SemanticDrafts, semantic_phrases
from biprompt.training.evf.data.values import NothingSaid


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def drafts_of(disk: Disk, name: str, most: int | None = None, **how: Any) -> Any:
    return open_drafts(SourceSpec(name, disk.root), Opening(most=most), Faults(), **how)


def found(drafts: Any, index: int = 0, seed: int = 0) -> dict[str, np.ndarray]:
    made = drafts.draft(index, rng(seed))
    return dict(zip(made.phrases, made.masks, strict=True))


@pytest.fixture
def ade(disk: Disk) -> Disk:
    values = [[0, 1, 1, 3], [150, 5, 6, 255]]
    disk.photo("images/training/a.jpg", (2, 4))
    disk.grey("annotations/training/a.png", values)
    return disk


def test_classes_of_ade20k(ade: Disk) -> None:
    masks = found(drafts_of(ade, "ade20k"))
    assert set(masks) == {f"[semantic] {n}" for n in ("wall", "sky", "flag", "tree", "ceiling")}
    assert np.argwhere(masks["[semantic] wall"]).tolist() == [[0, 1], [0, 2]]
    ignored = ~np.logical_or.reduce(list(masks.values()))
    assert np.argwhere(ignored).tolist() == [[0, 0], [1, 3]]


def test_at_most_three_classes_none_twice_all_alike(ade: Disk) -> None:
    drafts, counts = drafts_of(ade, "ade20k", 3), Counter[str]()
    for seed in range(300):
        masks = found(drafts, seed=seed)
        assert len(masks) == 3
        counts.update(list(masks))
    assert len(counts) == 5 and all(140 < n < 220 for n in counts.values())  # 180 each


def test_a_picture_without_a_class_is_passed_over(ade: Disk) -> None:
    for name in "bcdefgh":
        ade.photo(f"images/training/{name}.jpg", (2, 4))
        labels = [[0] * 4, [255] * 4] if name == "b" else [[1] * 4] * 2
        ade.grey(f"annotations/training/{name}.png", labels)
    drafts = drafts_of(ade, "ade20k")
    with pytest.raises(NothingSaid, match=r"b\.jpg: ade20k/b: classes"):
        drafts.draft(1, rng())
    stream = open_stream([SourceSpec("ade20k", ade.root)], Opening(), seed=0)
    instead = {stream.sample(n).key for n in range(200) if stream.draw(n).item == 1}
    assert "ade20k/b" not in instead
    assert len(instead) > 3, "not always the same one"


@pytest.fixture
def humans(disk: Disk) -> Disk:
    disk.photo("JPEGImages/x.jpg", (2, 3))
    disk.grey("SegmentationClassAug/x.png", [[0, 9, 10], [12, 15, 4]])
    return disk


def test_humanparsing_by_the_viewers_left_and_right(humans: Disk) -> None:
    masks = found(drafts_of(humans, "humanparsing"))
    places = {phrase: np.argwhere(mask).tolist() for phrase, mask in masks.items()}
    assert places == {
        "[semantic] right shoe": [[0, 1]],  # 9 is the person's left shoe
        "[semantic] left shoe": [[0, 2]],
        "[semantic] right leg": [[1, 0]],
        "[semantic] left arm": [[1, 1]],
        "[semantic] upper clothes": [[1, 2]],
    }


def test_humanparsing_holds_out_by_name(humans: Disk) -> None:
    for i in range(40):
        humans.photo(f"JPEGImages/p{i}.jpg", (2, 3))
        humans.grey(f"SegmentationClassAug/p{i}.png", [[1] * 3] * 2)
    train, held = (drafts_of(humans, "humanparsing", held_out=side) for side in (False, True))
    sides = [{s.image_id for s in drafts.samples} for drafts in (train, held)]
    assert sides[0].isdisjoint(sides[1]) and len(sides[0] | sides[1]) == 41
    assert 0 < len(sides[1]) < len(sides[0])


@pytest.mark.parametrize(
    ("name", "listing", "folder", "category", "phrase"),
    [
        ("pascal-part", "train.json", "VOCdevkit/VOC2010/JPEGImages", "dog:ear", "dog ear"),
        ("partimagenet", "annotations/train/train.json", "images/train", "Car Tier", "car tier"),
    ],
)
def test_parts_are_merged_by_logical_or(
    disk: Disk, name: str, listing: str, folder: str, category: str, phrase: str
) -> None:
    disk.photo(f"{folder}/a.jpg", (6, 8))
    outlines = [[0, 0, 4, 0, 4, 4, 0, 4], [2, 2, 6, 2, 6, 6, 2, 6]]
    parts = [{"id": i, "image_id": 1, "category_id": 7, "segmentation": [o]}
             for i, o in enumerate(outlines)]  # fmt: skip
    image = {"id": 1, "file_name": "a.jpg", "height": 6, "width": 8}
    document = {
        "images": [image],
        "annotations": parts,
        "categories": [{"id": 7, "name": category}],
    }
    disk.json(listing, document)
    ((text, mask),) = found(drafts_of(disk, name)).items()
    assert text == f"[semantic] {phrase}"
    assert mask.dtype == np.bool_
    expected = np.zeros((6, 8), bool)
    expected[:4, :4] = expected[2:6, 2:6] = True
    np.testing.assert_array_equal(mask, expected)  # 28 pixels; added up they would be 32
    assert mask.sum() == 28


def test_two_points_are_no_polygon(disk: Disk) -> None:
    disk.photo("images/train/a.jpg", (6, 8))
    outlines = [[0, 0, 4, 0, 4, 4, 0, 4], [1, 1, 5, 4]]
    parts = [{"id": 30 + i, "image_id": 1, "category_id": 7, "segmentation": [o]}
             for i, o in enumerate(outlines)]  # fmt: skip
    image = {"id": 1, "file_name": "a.jpg", "height": 6, "width": 8}
    categories = [{"id": 7, "name": "Car Tier"}]
    document = {"images": [image], "annotations": parts, "categories": categories}
    disk.json("annotations/train/train.json", document)
    message = r"train\.json: annotation 31: polygon: expected at least 3 points, got 2"
    with pytest.raises(DataError, match=message):
        drafts_of(disk, "partimagenet")
    faults = Faults(skip=True)
    drafts = open_drafts(SourceSpec("partimagenet", disk.root), Opening(), faults)
    assert [int(mask.sum()) for mask in found(drafts).values()] == [16]
    assert faults.count == 1


def test_the_background_is_never_asked_for(humans: Disk) -> None:
    humans.grey("SegmentationClassAug/x.png", [[0, 0, 0], [0, 0, 1]])
    drafts = drafts_of(humans, "humanparsing", 3)
    assert all(set(found(drafts, seed=seed)) == {"[semantic] hat"} for seed in range(20))


def test_names_of_classes_are_looked_through() -> None:
    assert semantic_phrases(["  dog  ear"]) == ("[semantic] dog ear",)
    with pytest.raises(DataError, match="name of class 1"):
        semantic_phrases(["dog", " "])


def test_label_maps_that_cannot_be_read_name_their_file(ade: Disk) -> None:
    samples = read_dataset("ade20k", ade.root, "train")
    (ade.root / "annotations/training/a.png").write_bytes(b"x")
    drafts = SemanticDrafts("ade20k", samples, semantic_phrases(samples[0].classes))
    with pytest.raises(Exception, match=r"a\.png"):
        drafts.draft(0, rng())
