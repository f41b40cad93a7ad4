"""PartImageNet, HumanParsing and Objects365."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from biprompt.data.faults import Faults
from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError

HW = (6, 8)
SIZE = {"height": 6, "width": 8}
ONE, TWO, FAR = [1, 1, 4, 1, 4, 3, 1, 3], [3, 2, 6, 2, 6, 5, 3, 5], [0, 4, 2, 4, 2, 6, 0, 6]


def entry(number: int, category: int, outline: Any, image: int = 1, **more: Any) -> dict[str, Any]:
    segmentation = [outline] if outline else []
    named = {"id": number, "image_id": image, "category_id": category}
    return named | {"segmentation": segmentation} | more


def official(*outlines: list[float]) -> np.ndarray:
    """The union as pycocotools decodes it."""
    return coco.decode(coco.frPyObjects(list(outlines), *HW)).any(2)


def names(sample: Any) -> dict[str, Any]:
    return {sample.classes[index]: mask for index, mask in sample.regions()}


@pytest.fixture(params=["", "PartImageNet/"])
def partimagenet(disk: Any, request: pytest.FixtureRequest) -> Any:
    document = {
        "images": [{"id": i, "file_name": f"n0{i}.JPEG", **SIZE} for i in (1, 2, 3)],
        "categories": [{"id": 0, "name": "Quadruped Head"}, {"id": 25, "name": "Car Tier"}],
        "annotations": [entry(1, 25, ONE), entry(2, 25, TWO), entry(3, 0, FAR),
                        entry(4, 0, None, 2), entry(5, 0, ONE, 3)],
    }  # fmt: skip
    for i in (1, 3):
        disk.photo(f"{request.param}images/train/n0{i}.JPEG", HW)
    disk.json(f"{request.param}annotations/train/train.json", document)
    return disk


def test_partimagenet_joins_instances_of_a_part(partimagenet: Any) -> None:
    first, second = read_dataset("partimagenet", partimagenet.root)
    assert first.classes == ("quadruped head", "car tier")
    assert [second.image_id, *names(second)] == [3, "quadruped head"]
    found = names(first)
    np.testing.assert_array_equal(found["car tier"], official(ONE, TWO))
    np.testing.assert_array_equal(found["quadruped head"], official(FAR))


def test_partimagenet_without_one_photograph(partimagenet: Any) -> None:
    next(partimagenet.root.rglob("n03.JPEG")).unlink()
    with pytest.raises(DataError, match=r"n03\.JPEG: file: .*where partimagenet"):
        read_dataset("partimagenet", partimagenet.root)
    faults = Faults(skip=True)
    (sample,) = read_dataset("partimagenet", partimagenet.root, faults=faults)
    assert (sample.image_id, faults.count) == (1, 1)


@pytest.fixture(params=["", "humanparsing/"])
def humanparsing(disk: Any, request: pytest.FixtureRequest) -> Any:
    for name in ("a", "b"):
        disk.photo(f"{request.param}JPEGImages/{name}.jpg", (2, 3))
        values = [[0, 9, 10], [4, 17, 17]]
        disk.grey(f"{request.param}SegmentationClassAug/{name}.png", values)
    return disk


def test_humanparsing(humanparsing: Any) -> None:
    sample, _ = read_dataset("humanparsing", humanparsing.root)
    areas = {name: int(mask.sum()) for name, mask in names(sample).items()}
    assert areas == {"background": 1, "left shoe": 1, "right shoe": 1, "upper clothes": 1,
                     "scarf": 2}  # fmt: skip
    assert (sample.background, len(sample.classes)) == (0, 18)
    assert names(sample)["left shoe"].tolist() == [[False, True, False], [False] * 3]


def test_humanparsing_without_one_photograph(humanparsing: Any) -> None:
    next(humanparsing.root.rglob("b.jpg")).unlink()
    with pytest.raises(DataError, match=r"b\.jpg: file: .*where humanparsing"):
        read_dataset("humanparsing", humanparsing.root)
    faults = Faults(skip=True)
    (sample,) = read_dataset("humanparsing", humanparsing.root, faults=faults)
    assert (sample.image_id, faults.count) == ("a", 1)


@pytest.fixture(params=["objects365_train.json", "o365_res_instances.json"])
def objects365(disk: Any, request: pytest.FixtureRequest) -> Any:
    for i in (1, 2):
        disk.photo(f"train/obj_{i}.jpg", HW)
    packed = coco.encode(np.asfortranarray(official(FAR).astype(np.uint8)))
    rle = {"size": list(HW), "counts": packed["counts"].decode()}
    document = {
        "images": [{"id": i, "file_name": f"obj_{i}.jpg", **SIZE} for i in (1, 2)],
        "categories": [{"id": n, "name": name} for n, name in
                       enumerate(["Person", "Cup", "Cabinet/shelf", "Dog", "Hat"])],
        "annotations": [
            entry(1, 0, ONE), entry(2, 0, TWO), entry(3, 1, TWO), entry(4, 2, ONE),
            entry(5, 2, None), entry(6, 3, ONE, iscrowd=1), entry(7, 0, rle, 2), entry(8, 4, None),
        ],
    }  # fmt: skip
    disk.json(request.param, document)
    return disk


def test_objects365_keeps_the_only_one_of_its_kind(objects365: Any) -> None:
    objects = read_dataset("objects365", objects365.root)
    found = {(o.image_id, o.label): o for o in objects}
    # two people, a second shelf that has no mask, a crowd of dogs, a hat without a mask: left out
    assert list(found) == [(1, "Cup"), (2, "Person")]
    np.testing.assert_array_equal(found[1, "Cup"].mask(), official(TWO))
    np.testing.assert_array_equal(found[2, "Person"].mask(), official(FAR))


def test_objects365_without_one_photograph(objects365: Any) -> None:
    (objects365.root / "train/obj_2.jpg").unlink()
    with pytest.raises(DataError, match=r"obj_2\.jpg: file"):
        read_dataset("objects365", objects365.root)
    faults = Faults(skip=True)
    assert len(read_dataset("objects365", objects365.root, faults=faults)) == faults.count == 1


def test_objects365_as_published_has_boxes_only(disk: Any) -> None:
    disk.photo("train/a.jpg", HW)
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", **SIZE}],
        "categories": [{"id": 0, "name": "Person"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 0, "bbox": [1, 1, 3, 2]}],
    }
    disk.json("objects365_train.json", document)
    with pytest.raises(DataError, match=r"masks beside the boxes .*where objects365.*boxes only"):
        read_dataset("objects365", disk.root)
