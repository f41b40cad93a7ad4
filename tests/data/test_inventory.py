"""What is there and what is not, in sets that list objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.data.coco import read_coco
from biprompt.data.inventory import of_folder, of_objects, read_coco_inventory
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, SampleSet, SemanticSample
from biprompt.data.sources import Nothing, Shapes
from biprompt.errors import DataError
from biprompt.masks import rle_encode

HW = (6, 8)
CATEGORIES = {3: "cup", 7: "dog", 5: "zebra"}


def box(x0: int, y0: int, x1: int, y1: int) -> Any:
    mask = np.zeros(HW, bool)
    mask[y0:y1, x0:x1] = True
    return mask


A, B, CROWD = box(0, 0, 2, 2), box(4, 2, 8, 6), box(0, 4, 3, 6)


def document() -> dict[str, Any]:
    """Two cups and a crowd of dogs in one photograph, nothing in the other."""
    images = [{"id": n, "file_name": f"{n}.png", "height": HW[0], "width": HW[1]} for n in (1, 2)]
    things = [(3, A, 0), (7, CROWD, 1), (3, B, 0)]
    annotations = [
        {"id": n, "image_id": 1, "category_id": c, "iscrowd": crowd, "segmentation": rle_encode(m)}
        for n, (c, m, crowd) in enumerate(things, start=1)
    ]
    categories = [{"id": n, "name": name} for n, name in CATEGORIES.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def write(images: Path, listing: Path) -> None:
    for folder in (images, listing.parent):
        folder.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        Image.new("RGB", HW[::-1]).save(images / f"{number}.png")
    listing.write_text(json.dumps(document()))


@pytest.fixture(params=["folder", "official"])
def samples(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[SemanticSample, ...]:
    if request.param == "folder":
        write(tmp_path / "images", tmp_path / "instances.json")
        return of_folder(read_coco(tmp_path))
    write(tmp_path / "val2017", tmp_path / "annotations" / "instances_val2017.json")
    return tuple(read_coco_inventory(tmp_path, "val2017"))


def test_crowds_are_there_and_empty_photographs_are_kept(
    samples: tuple[SemanticSample, ...],
) -> None:
    full, empty = samples
    assert full.classes == empty.classes == ("cup", "dog", "zebra")
    found = dict(full.regions())
    assert sorted(found) == [0, 1]
    np.testing.assert_array_equal(found[0], A | B)
    np.testing.assert_array_equal(found[1], CROWD)
    assert list(empty.regions()) == [] and empty.picture.path.name == "2.png"
    assert (full.image_id, full.background, full.ignore_mask()) == (1, None, None)


def test_an_unknown_category_is_told(tmp_path: Path) -> None:
    write(tmp_path / "val2017", listing := tmp_path / "annotations" / "instances_val2017.json")
    listing.write_text(listing.read_text().replace('"category_id": 7', '"category_id": 9'))
    with pytest.raises(DataError, match=r"category of annotation 2: expected one .*, got 9"):
        read_coco_inventory(tmp_path, "val2017")
    with pytest.raises(DataError, match=r"split of coco: expected train2017.*, got all"):
        read_coco_inventory(tmp_path, "all")


def thing(image: str, number: int, mask: Any, label: str | None) -> InteractiveObject:
    picture = Picture(Path(f"{image}.png"))
    target = Nothing(HW) if mask is None else Shapes(HW, (), (rle_encode(mask),))
    return InteractiveObject(picture, image, number, target, label=label)


def test_objects_are_joined_by_photograph_and_label() -> None:
    objects = (thing("b", 1, A, "dog"), thing("a", 1, B, "cup"), thing("b", 2, B, "dog"))
    first, second = of_objects(SampleSet("sbd", "val", objects))
    assert first.classes == second.classes == ("cup", "dog")
    assert [s.image_id for s in (first, second)] == ["b", "a"]
    ((index, mask),) = first.regions()
    assert index == 1
    np.testing.assert_array_equal(mask, A | B)


def test_an_object_that_has_left_the_picture_is_absent() -> None:
    (sample,) = of_objects(SampleSet("x", "y", (thing("a", 1, None, "cup"),)))
    assert list(sample.regions()) == []


def test_an_object_without_a_name_is_told() -> None:
    with pytest.raises(DataError, match=r"object a#1 of davis: expected a label"):
        of_objects(SampleSet("davis", "test", (thing("a", 1, A, None),)))
