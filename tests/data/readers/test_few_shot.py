"""PASCAL-5i, COCO-20i and FSS-1000."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import pytest

from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError
from biprompt.masks import rle_encode


@pytest.fixture
def pascal(disk: Any) -> Any:
    names = [f"2007_{number:06}" for number in range(4)]
    for name in names:
        disk.photo(f"VOC2012/JPEGImages/{name}.jpg", (1, 4))
        disk.grey(f"VOC2012/SegmentationClassAug/{name}.png", [[0, 6, 7, 255]])
    pairs = [(name, 6) for name in names] + [(name, 7) for name in names[:2]]
    disk.text("splits/pascal/val/fold1.txt", "".join(f"{n}__{c:02}\n" for n, c in pairs))
    return disk


def test_pascal5i(pascal: Any) -> None:
    data = read_dataset("pascal-5i", pascal.root, "fold1")
    assert len(data) == 1000
    first = data[0]
    assert (first.label, first.class_id, first.fold) == ("bus", 5, 1)
    assert first.query.mask().tolist() == [[False, True, False, False]]
    assert first.query.ignore_mask().tolist() == [[False, False, False, True]]
    assert data[4].label == "car"
    assert data[6].query == first.query
    assert data[-1].query == data[999].query
    wide = read_dataset("pascal-5i", pascal.root, "fold1", shots=3)
    assert len({shot.image_id for shot in wide[0].supports}) == 3


def test_the_query_is_no_example_and_no_example_comes_twice(pascal: Any) -> None:
    for episode in read_dataset("pascal-5i", pascal.root, "fold1", shots=1)[:50]:
        names = [shot.image_id for shot in episode.supports]
        assert len(set(names)) == 1
        assert episode.query.image_id not in names


def test_episodes_hang_on_seed_and_place_alone(pascal: Any) -> None:
    def examples(seed: int) -> list[Any]:
        data = read_dataset("pascal-5i", pascal.root, "fold1", shots=1, seed=seed)
        return [data[i].supports[0].image_id for i in (3, 0, 8, 3)]

    assert examples(7) == examples(7)
    assert examples(7)[0] == examples(7)[3]
    assert len({tuple(examples(seed)) for seed in range(8)}) > 1


def test_too_few_images_of_a_class(pascal: Any) -> None:
    data = read_dataset("pascal-5i", pascal.root, "fold1", shots=3)
    with pytest.raises(DataError, match="at least 3 other images of car, got 1"):
        data[4]


@pytest.mark.parametrize("text", ["2007_000001", "2007_000001__21", "a__x", ""])
def test_a_list_of_another_form(pascal: Any, text: str) -> None:
    pascal.text("splits/pascal/val/fold0.txt", text)
    with pytest.raises(DataError, match=r"fold0\.txt"):
        read_dataset("pascal-5i", pascal.root)


def test_missing_lists(pascal: Any) -> None:
    with pytest.raises(DataError, match=r"fold3\.txt: file: .* where pascal-5i"):
        read_dataset("pascal-5i", pascal.root, "fold3")
    with pytest.raises(DataError, match="fold0, fold1, fold2, fold3, got fold4"):
        read_dataset("pascal-5i", pascal.root, "fold4")


@pytest.fixture
def coco20i(disk: Any) -> Any:
    names = [f"val2014/COCO_val2014_{number:012}.jpg" for number in range(3)]
    for name in names:
        disk.photo(f"COCO2014/{name}", (1, 80))
        disk.grey(f"COCO2014/annotations/{name[:-4]}.png", [range(1, 81)])
    content = {index: names if index % 4 == 2 else [] for index in range(80)}
    disk.pickle("splits/coco/val/fold2.pkl", content)
    return disk


def test_coco20i(coco20i: Any) -> None:
    data = read_dataset("coco-20i", coco20i.root, "fold2", shots=2, seed=1)
    assert len(data) == 1000
    assert {episode.class_id % 4 for episode in data[:40]} == {2}
    first = data[0]
    assert first.query.mask().tolist() == [[index == first.class_id for index in range(80)]]
    assert len({shot.image_id for shot in (first.query, *first.supports)}) == 3
    names = {episode.class_id: episode.label for episode in data}
    assert (names[2], names[78]) == ("car", "hair drier")
    again = read_dataset("coco-20i", coco20i.root, "fold2", shots=2, seed=1)
    assert [again[i] for i in range(5)] == [data[i] for i in range(5)]


def test_coco20i_refuses_a_pickle_that_would_run_something(coco20i: Any) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {coco20i.root}/trace",)

    coco20i.pickle("splits/coco/val/fold2.pkl", {2: Bomb()})
    with pytest.raises(DataError, match="nothing was run"):
        read_dataset("coco-20i", coco20i.root, "fold2")
    assert not (coco20i.root / "trace").exists()


def test_coco20i_of_another_fold(coco20i: Any) -> None:
    coco20i.pickle("splits/coco/val/fold1.pkl", {2: ["a.jpg"]})
    with pytest.raises(DataError, match=r"classes 1, 5, \.\.\. 77"):
        read_dataset("coco-20i", coco20i.root, "fold1")


def test_fss1000(disk: Any) -> None:
    for label in ("bus", "ab_wheel"):
        for number in (1, 2, 10):
            disk.photo(f"FSS-1000/{label}/{number}.jpg", (1, 3))
            disk.grey(f"FSS-1000/{label}/{number}.png", [[0, 127, 128]])
    disk.text("splits/fss/test.txt", "bus\nab_wheel\n")
    data = read_dataset("fss-1000", disk.root)
    assert [episode.label for episode in data] == ["ab wheel"] * 3 + ["bus"] * 3
    assert data[0].query.mask().tolist() == [[False, False, True]]
    assert data[0].query.ignore_mask() is None
    for episode in data:
        folder, _ = episode.query.image_id.split("/")
        assert episode.supports[0].image_id.startswith(folder)
        assert episode.supports[0].image_id != episode.query.image_id


@pytest.fixture
def folder(disk: Any) -> Any:
    """Cats in three images (two in the first, one of them a crowd in the third), one dog."""
    things = [(1, 1, [0]), (1, 1, [3]), (2, 1, [1]), (3, 1, [2]), (2, 2, [3])]
    annotations = [_thing(i, *thing, crowd=False) for i, thing in enumerate(things)]
    annotations.append(_thing(9, 3, 1, [0], crowd=True))
    disk.json(
        "instances.json",
        {
            "images": [
                {"id": i, "file_name": f"{i}.jpg", "height": 1, "width": 4} for i in (1, 2, 3)
            ],
            "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
            "annotations": annotations,
        },
    )
    for number in (1, 2, 3):
        disk.photo(f"images/{number}.jpg", (1, 4))
    return disk


def _thing(number: int, image: int, kind: int, columns: list[int], *, crowd: bool) -> dict:
    mask = np.zeros((1, 4), np.bool_)
    mask[0, columns] = True
    return {
        "id": number, "image_id": image, "category_id": kind, "segmentation": rle_encode(mask),
        "area": len(columns), "bbox": [columns[0], 0, 1, 1], "iscrowd": int(crowd),
    }  # fmt: skip


def test_folder_in_coco_layout(folder: Any) -> None:
    data = read_dataset("coco-folder-episodes", folder.root, shots=5)
    assert [each.label for each in data] == ["cat"] * 3  # the dog has no other image
    assert [each.query.image_id for each in data] == ["1.jpg", "2.jpg", "3.jpg"]
    first = data[0]
    assert first.query.mask().tolist() == [[True, False, False, True]]  # both of its cats
    assert first.query.ignore_mask() is None
    assert sorted(shot.image_id for shot in first.supports) == ["2.jpg", "3.jpg"]  # all there are
    (third,) = (shot for shot in first.supports if shot.image_id == "3.jpg")
    assert third.mask().tolist() == [[False, False, True, False]]
    assert third.ignore_mask().tolist() == [[True, False, False, False]]  # the crowd


def test_folder_examples_are_drawn_by_the_seed(folder: Any) -> None:
    def examples(seed: int) -> list[str]:
        data = read_dataset("coco-folder-episodes", folder.root, shots=1, seed=seed)
        return [each.supports[0].image_id for each in data]

    assert examples(3) == examples(3)
    assert len({tuple(examples(seed)) for seed in range(9)}) > 1
    assert all(name != f"{i}.jpg" for i, name in enumerate(examples(0), 1))


def test_folder_keeps_training_images_out(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = lambda name: name != "2.jpg"  # noqa: E731
    monkeypatch.setattr("biprompt.data.readers.folder_episodes.is_validation", kept)
    data = read_dataset("coco-folder-episodes", folder.root, "validation")
    assert [each.query.image_id for each in data] == ["1.jpg", "3.jpg"]


def test_classes_of_a_folder_take_turns(folder: Any) -> None:
    content = json.loads(folder.at("instances.json").read_text())
    content["annotations"].append(_thing(20, 3, 2, [1], crowd=False))
    folder.json("instances.json", content)
    data = read_dataset("coco-folder-episodes", folder.root)
    assert [each.label for each in data] == ["cat", "dog", "cat", "dog", "cat"]
