from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as oracle

from biprompt.data.coco import CocoDataset, read_coco
from biprompt.errors import DataError
from biprompt.masks import rle_encode

HW = (4, 5)
MASK = np.zeros(HW, bool)
MASK[1:3, 2:5] = True


def document(**changes: Any) -> dict[str, Any]:
    annotation = {
        "id": 7,
        "image_id": 3,
        "category_id": 2,
        "segmentation": rle_encode(MASK),
        "area": 6,
        "bbox": [2, 1, 3, 2],
        "iscrowd": 0,
    } | changes
    return {
        "images": [{"id": 3, "file_name": "a.jpg", "height": 4, "width": 5}],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "dog"}],
        "annotations": [annotation],
    }


def folder(root: Path, content: Any, name: str = "instances.json") -> Path:
    (root / "images").mkdir(parents=True, exist_ok=True)
    (root / "images" / "a.jpg").write_bytes(b"never opened")
    (root / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return root


@pytest.mark.parametrize("name", ["instances.json", "annotations.json"])
def test_reads_both_file_names_without_opening_an_image(tmp_path: Path, name: str) -> None:
    data = read_coco(folder(tmp_path / "pets", document(), name))
    assert isinstance(data, CocoDataset)
    assert (data.name, data.labels) == ("pets", ("cup", "dog"))
    (image,) = data.images
    assert (image.path.name, image.hw) == ("a.jpg", HW)
    (annotation,) = image.annotations
    assert (annotation.id, annotation.label, annotation.area) == (7, "dog", 6.0)
    assert annotation.box_xyxy == (2.0, 1.0, 5.0, 3.0)
    assert (annotation.crowd, annotation.ignore) == (False, None)
    np.testing.assert_array_equal(annotation.mask(), MASK)


@pytest.mark.parametrize(
    "segmentation",
    [
        rle_encode(MASK),
        {"size": [4, 5], "counts": [9, 2, 2, 2, 2, 2, 1]},
        [[2, 1, 5, 1, 5, 3, 2, 3]],
        [[2, 1, 3, 1, 3, 3, 2, 3], [3, 1, 5, 1, 5, 3, 3, 3]],
    ],
    ids=["compressed", "uncompressed", "polygon", "two parts"],
)
def test_every_kind_of_segmentation_becomes_the_same_rle(tmp_path: Path, segmentation: Any) -> None:
    data = read_coco(folder(tmp_path, document(segmentation=segmentation)))
    rle = data.images[0].annotations[0].rle
    np.testing.assert_array_equal(oracle.decode(dict(rle)).astype(bool), MASK)


def test_area_and_box_are_measured_where_the_file_has_none(tmp_path: Path) -> None:
    content = document()
    for key in ("area", "bbox", "iscrowd"):
        del content["annotations"][0][key]
    (annotation,) = read_coco(folder(tmp_path, content)).images[0].annotations
    assert (annotation.area, annotation.box_xyxy) == (6.0, (2.0, 1.0, 5.0, 3.0))


def test_keeps_ignore_crowd_and_unknown_keys(tmp_path: Path) -> None:
    content = document(ignore=rle_encode(~MASK), iscrowd=1, annotator=4)
    (annotation,) = read_coco(folder(tmp_path, content)).images[0].annotations
    assert annotation.crowd and annotation.extra == {"annotator": 4}
    np.testing.assert_array_equal(annotation.ignore_mask(), ~MASK)


def test_the_official_ignore_flag_is_no_mask(tmp_path: Path) -> None:
    (annotation,) = read_coco(folder(tmp_path, document(ignore=0))).images[0].annotations
    assert annotation.ignore is None and annotation.ignore_mask() is None


def test_annotations_without_a_segmentation_are_left_out(tmp_path: Path) -> None:
    assert read_coco(folder(tmp_path, document(segmentation=[]))).images[0].annotations == ()


def test_images_are_ordered_by_name_and_may_be_empty(tmp_path: Path) -> None:
    content = document()
    content["images"].insert(0, {"id": 9, "file_name": "z/b.jpg", "height": 1, "width": 1})
    root = folder(tmp_path, content)
    (root / "images" / "z").mkdir()
    (root / "images" / "z" / "b.jpg").touch()
    data = read_coco(root)
    assert [image.path.name for image in data.images] == ["a.jpg", "b.jpg"]
    assert [len(image.annotations) for image in data.images] == [1, 0]


def without(key: str, *path: Any) -> dict[str, Any]:
    content: Any = document()
    entry = content
    for step in path:
        entry = entry[step]
    del entry[key]
    return content  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "expected JSON"),
        ("[]", "expected a JSON object, got list"),
        (without("images"), "key 'images': expected to be present, got only categories"),
        (without("categories"), "key 'categories'"),
        (without("file_name", "images", 0), "key 'file_name'"),
        (without("height", "images", 0), "key 'height'"),
        (without("segmentation", "annotations", 0), "key 'segmentation'"),
        (document(image_id=4), "image_id: expected an id listed in the file, got 4"),
        (document(category_id=5), "category_id: expected an id listed in the file, got 5"),
        (document(segmentation={"size": [5, 4], "counts": "0"}), "mask size: expected"),
        (document(segmentation={"size": [4, 5], "counts": [3]}), "RLE counts"),
        (document(segmentation={"counts": "0"}), "key 'size'"),
        (document(segmentation=[[1, 2, 3]]), "polygon"),
        (document(segmentation=[[1, 2, 3, 4]]), "polygon"),
        (document(segmentation="x"), "segmentation: expected RLE or polygons, got str"),
        (document(bbox=[1, 2]), "bbox: expected [x, y, width, height]"),
        (document(id="7"), "key 'id': expected a whole number"),
        (document() | {"images": {}}, "key 'images': expected a list, got dict"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_coco(folder(tmp_path, content))
    assert message in str(caught.value)
    assert str(tmp_path / "instances.json") in str(caught.value)


def test_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere.*expected a folder"):
        read_coco(tmp_path / "nowhere")
    (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match=r"expected instances.json or annotations.json, got images"):
        read_coco(tmp_path)
    root = folder(tmp_path, document())
    (root / "images" / "a.jpg").unlink()
    with pytest.raises(DataError, match=r"a\.jpg: image file: expected a file"):
        read_coco(root)


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/passwd", ""])
def test_image_names_stay_below_the_folder(tmp_path: Path, name: str) -> None:
    content = document()
    content["images"][0]["file_name"] = name
    with pytest.raises(DataError, match="a path below images/"):
        read_coco(folder(tmp_path, content))
