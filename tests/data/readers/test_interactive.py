"""GrabCut, Berkeley, DAVIS, COCO_MVal, SBD and COCO: objects to click."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco
from scipy.io import savemat

from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError, ImageError

TRIMAP = [[0, 64, 128, 255], [0, 128, 255, 255]]
OBJECT = [[False, False, False, True], [False, False, True, True]]
BAND = [[False, False, True, False], [False, True, False, False]]


@pytest.mark.parametrize("place", ["", "GrabCut/"])
def test_grabcut_has_a_band_that_does_not_count(disk: Any, place: str) -> None:
    disk.photo(f"{place}data_GT/21077.jpg", (2, 4))
    disk.grey(f"{place}boundary_GT/21077.bmp", TRIMAP)
    (thing,) = read_dataset("grabcut", disk.root)
    assert thing.mask().tolist() == OBJECT
    assert thing.ignore_mask().tolist() == BAND
    assert (thing.key, thing.label) == ("21077#1", None)


def test_berkeley_in_a_palette_is_read_by_colour(disk: Any) -> None:
    disk.photo("images/100007.jpg", (2, 4))
    colours = [value for grey in (0, 64, 128, 255) for value in (grey, grey, grey)]
    disk.palette("masks/100007.png", [[0, 1, 2, 3], [0, 2, 3, 3]], colours)
    (thing,) = read_dataset("berkeley", disk.root)
    assert thing.mask().tolist() == OBJECT
    assert thing.ignore_mask().tolist() == BAND


@pytest.mark.parametrize("name", ["davis", "coco-mval"])
def test_davis_takes_any_colour(disk: Any, name: str) -> None:
    disk.photo("img/bear_00001.jpg", (1, 3))
    disk.grey("gt/bear_00001.png", [[[0, 0, 0], [0, 200, 0], [1, 0, 0]]])
    (thing,) = read_dataset(name, disk.root, "test")
    assert thing.mask().tolist() == [[False, True, True]]
    assert thing.ignore_mask() is None


def test_a_photograph_without_a_mask(disk: Any) -> None:
    disk.photo("img/a.jpg")
    disk.grey("gt/b.png", [[1]])
    with pytest.raises(DataError, match=r"gt/a\.png: mask: .*biprompt data where davis"):
        read_dataset("davis", disk.root)


def test_a_damaged_mask_is_found_when_decoded(disk: Any) -> None:
    disk.photo("img/a.jpg")
    disk.text("gt/a.png", "no picture")
    (thing,) = read_dataset("davis", disk.root)
    with pytest.raises(ImageError, match=r"a\.png"):
        thing.mask()


def test_empty_folders(disk: Any) -> None:
    disk.at("img/x")
    disk.at("gt/x")
    with pytest.raises(DataError, match="photographs"):
        read_dataset("davis", disk.root)


def ground_truth(path: Any, numbers: Any, categories: Any) -> None:
    truth = {"Segmentation": np.array(numbers, np.uint8), "Boundaries": 0, "Categories": categories}
    savemat(path, {"GTinst": truth})


@pytest.fixture(params=["", "dataset/", "SBD/"])
def sbd(disk: Any, request: pytest.FixtureRequest) -> Any:
    place = request.param
    for stem in ("2008_000002", "2008_000003"):
        disk.photo(f"{place}img/{stem}.jpg", (2, 3))
    first, second = (disk.at(f"{place}inst/2008_00000{number}.mat") for number in (2, 3))
    ground_truth(first, [[0, 1, 1], [2, 2, 0]], [[15], [12]])
    ground_truth(second, [[1, 0, 0], [0, 0, 0]], [[8]])
    disk.text(f"{place}val.txt", "2008_000002\n2008_000003\n")
    return disk


def test_sbd_has_an_object_for_every_instance(sbd: Any) -> None:
    things = read_dataset("sbd", sbd.root)
    assert [(t.key, t.label) for t in things] == [
        ("2008_000002#1", "person"), ("2008_000002#2", "dog"), ("2008_000003#1", "cat")
    ]  # fmt: skip
    assert things[1].mask().tolist() == [[False, False, False], [True, True, False]]
    assert pickle.loads(pickle.dumps(things[0])).mask().sum() == 2


def test_sbd_damaged(sbd: Any) -> None:
    (damaged,) = sbd.root.rglob("2008_000003.mat")
    damaged.write_text("no matrix")
    with pytest.raises(DataError, match=r"2008_000003\.mat: instances"):
        read_dataset("sbd", sbd.root)


POLYGON = [[1.3, 1.2, 5.0, 1.0, 5.1, 4.4]]


@pytest.fixture
def coco_layout(disk: Any) -> Any:
    disk.photo("val2017/000000000139.jpg", (6, 8))
    rle = coco.encode(np.asfortranarray(np.eye(6, 8, dtype=np.uint8)))
    crowd = {"size": [6, 8], "counts": [0, 48]}
    masks = [POLYGON, {"size": [6, 8], "counts": rle["counts"].decode()}, crowd]
    document = {
        "images": [{"id": 139, "file_name": "000000000139.jpg", "height": 6, "width": 8}],
        "categories": [{"id": 18, "name": "dog"}],
        "annotations": [
            {"id": i, "image_id": 139, "category_id": 18, "segmentation": m, "iscrowd": i == 2}
            for i, m in enumerate(masks)
        ],
    }
    disk.json("annotations/instances_val2017.json", document)
    return disk


def test_coco_leaves_crowds_out(coco_layout: Any) -> None:
    first, second = read_dataset("coco", coco_layout.root)
    expected = coco.decode(coco.frPyObjects(POLYGON, 6, 8))[:, :, 0]
    np.testing.assert_array_equal(first.mask(), expected > 0)
    np.testing.assert_array_equal(second.mask(), np.eye(6, 8) > 0)
    assert (first.label, first.key) == ("dog", "139#0")


def test_coco_of_another_year(coco_layout: Any) -> None:
    with pytest.raises(DataError, match=r"instances_val2014\.json: file"):
        read_dataset("coco", coco_layout.root, "val2014")


def test_a_folder_in_coco_layout(disk: Any) -> None:
    disk.photo("images/a.jpg", (2, 3))
    rle = {"size": [2, 3], "counts": [1, 2, 3]}
    band = {"size": [2, 3], "counts": [0, 1, 5]}
    annotation = {
        "id": 4, "image_id": 1, "category_id": 1, "segmentation": rle, "ignore": band
    }  # fmt: skip
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "height": 2, "width": 3}],
        "categories": [{"id": 1, "name": "cup"}],
        "annotations": [annotation, annotation | {"id": 5, "iscrowd": 1}],
    }
    disk.json("instances.json", document)
    (thing,) = read_dataset("coco-folder", disk.root)
    assert thing.mask().tolist() == [[False, True, False], [True, False, False]]
    assert thing.ignore_mask().tolist() == [[True, False, False], [False, False, False]]
    assert thing.label == "cup"
