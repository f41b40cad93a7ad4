"""Bad input is one line that names the file and the entry, or is skipped and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.data.coco import read_coco
from biprompt.data.faults import Faults
from biprompt.errors import DataError
from biprompt.masks import rle_encode
from biprompt.training.evf.data.checking import read_checked

SQUARE = [1, 1, 4, 1, 4, 3, 1, 3]
MASK = np.zeros((5, 6), bool)
MASK[1:3, 1:4] = True


def annotation(number: int, segmentation: Any = (SQUARE,), **more: Any) -> dict[str, Any]:
    mask = list(segmentation) if isinstance(segmentation, tuple) else segmentation
    return {"id": number, "image_id": 1, "category_id": 1, "segmentation": mask} | more


def document() -> dict[str, Any]:
    return {
        "images": [{"id": i, "file_name": f"{i}.png", "height": 5, "width": 6} for i in (1, 2)],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "dog"}],
        "annotations": [annotation(1), annotation(2, category_id=2, image_id=2)],
    }


def write(root: Path, content: Any) -> Path:
    (root / "images").mkdir(exist_ok=True)
    for i in (1, 2):
        Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(root / "images" / f"{i}.png")
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (root / "instances.json").write_bytes(data)
    return root


def with_annotation(**changes: Any) -> dict[str, Any]:
    content = document()
    content["annotations"].append(annotation(7) | changes)
    return content


def with_category(*names: Any) -> dict[str, Any]:
    content = document()
    content["categories"] += [{"id": 8} | ({"name": name}) for name in names] or [{"id": 8}]
    content["annotations"].append(annotation(7, category_id=8))
    return content


def with_image(**changes: Any) -> dict[str, Any]:
    content = document()
    content["images"].append({"id": 3, "file_name": "gone.png", "height": 5, "width": 6} | changes)
    content["annotations"].append(annotation(7, image_id=3))
    return content


def without_mask() -> dict[str, Any]:
    content = with_annotation()
    del content["annotations"][-1]["segmentation"]
    return content


FLAT = {"size": [5, 6], "counts": [30]}
BAD = {
    "no mask": (without_mask(), "annotation 7: mask: expected polygons or run lengths, got none"),
    "empty mask": (with_annotation(segmentation=[]), "annotation 7: mask: expected polygons"),
    "null mask": (with_annotation(segmentation=None), "annotation 7: mask: expected polygons"),
    "no pixels": (with_annotation(segmentation=FLAT), "annotation 7: mask: expected some pixels"),
    "two points": (
        with_annotation(segmentation=[[1, 1, 4, 3]]),
        "annotation 7: polygon: expected at least 3 points, got 2",
    ),
    "one good polygon and one of two points": (
        with_annotation(segmentation=[SQUARE, [1, 1, 4, 3]]),
        "annotation 7: polygon: expected at least 3 points, got 2",
    ),
    "an odd polygon": (
        with_annotation(segmentation=[[1, 1, 4, 3, 2, 2, 1]]),
        r"annotation 7: polygon: expected \[x0, y0, x1, y1, \.\.\.\]",
    ),
    "a polygon of words": (
        with_annotation(segmentation=[["a", "b", "c", "d", "e", "f"]]),
        "annotation 7: polygon: expected numbers",
    ),
    "not a number": (
        with_annotation(segmentation=[[1, 1, 4, 3, float("nan"), 2]]),
        "annotation 7: polygon: expected",
    ),
    "a mask of another size": (
        with_annotation(segmentation=rle_encode(MASK.T)),
        r"annotation 7: mask size: expected the image's \[height, width\] \[5, 6\]",
    ),
    "damaged run lengths": (
        with_annotation(segmentation={"size": [5, 6], "counts": "~~"}),
        "annotation 7: RLE counts",
    ),
    "no counts": (with_annotation(segmentation={"size": [5, 6]}), "annotation 7: RLE counts"),
    "a mask that is text": (
        with_annotation(segmentation="cup"),
        "annotation 7: mask: expected polygons or run lengths, got str",
    ),
    "no name": (with_category(), "category 8: name: expected a name, got none"),
    "an empty name": (with_category(""), "category 8: name"),
    "a blank name": (with_category("  "), "category 8: name"),
    "a name that is null": (with_category(None), "category 8: name: expected text, got NoneType"),
    "a name in a wrong encoding": (
        with_category("caf\xc3\xa9"),
        "category 8: name: expected text in UTF-8, got 'caf",
    ),
    "a missing image": (with_image(), "image 3: file: expected to be there, got nothing"),
}


@pytest.mark.parametrize("case", BAD)
def test_one_line_names_file_and_entry(tmp_path: Path, case: str) -> None:
    content, message = BAD[case]
    with pytest.raises(DataError, match=message) as caught:
        read_checked(write(tmp_path, content), Faults())
    line = str(caught.value)
    assert "\n" not in line
    named = "images/gone.png" if case == "a missing image" else "instances.json"
    assert line.startswith(str(tmp_path / named))


@pytest.mark.parametrize("case", BAD)
def test_or_it_is_skipped_and_counted_and_the_rest_stays(tmp_path: Path, case: str) -> None:
    content, message = BAD[case]
    faults = Faults(skip=True)
    dataset = read_checked(write(tmp_path, content), faults)
    assert [[a.id for a in image.annotations] for image in dataset.images] == [[1], [2]]
    assert faults.count == 1, "what belongs to a skipped entry is no fault of its own"
    head, line = faults.lines()
    assert head.startswith("1 entries skipped: 1 x ")
    with pytest.raises(DataError, match=message):
        raise faults.found[0]
    assert str(tmp_path) in line


def test_many_faults_are_all_counted(tmp_path: Path) -> None:
    content = with_image()
    content["annotations"] += [annotation(20, []), annotation(21, ([1, 1, 4, 3],))]
    content["categories"].append({"id": 9, "name": ""})
    faults = Faults(skip=True)
    dataset = read_checked(write(tmp_path, content), faults)
    assert faults.count == 4
    assert sum(len(image.annotations) for image in dataset.images) == 2
    assert dataset.labels == ("cup", "dog")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    content = document()
    content["categories"][0]["name"] = "caf\xe9"
    data = json.dumps(content, ensure_ascii=False).encode("latin-1")
    root = write(tmp_path, data)
    at = data.index(b"\xe9")
    message = rf"instances\.json: annotations: expected UTF-8, got byte 0xe9 at {at}$"
    with pytest.raises(DataError, match=message):
        read_checked(root, Faults())
    faults = Faults(skip=True)
    dataset = read_checked(root, faults)
    assert dataset.labels == ("dog",)
    assert faults.count == 2, "the file, and the name that cannot be read"


def test_utf_8_with_a_mark_at_its_beginning(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + json.dumps(document()).encode()
    assert read_checked(write(tmp_path, data), Faults()).labels == ("cup", "dog")


def test_a_folder_without_faults_is_read_as_ever(tmp_path: Path) -> None:
    content = with_annotation(segmentation=rle_encode(MASK))
    content["annotations"].append(annotation(8, {"size": [5, 6], "counts": [6, 2, 22]}))
    root = write(tmp_path, content)
    checked, plain = read_checked(root, Faults()), read_coco(root)
    assert checked.labels == plain.labels
    for a, b in zip(checked.images, plain.images, strict=True):
        assert (a.id, a.path, a.hw) == (b.id, b.path, b.hw)
        assert [x.rle for x in a.annotations] == [y.rle for y in b.annotations]


def test_names_are_cleaned(tmp_path: Path) -> None:
    content = document()
    content["categories"][0]["name"] = " coffee\t cup "
    dataset = read_checked(write(tmp_path, content), Faults())
    assert dataset.labels == ("coffee cup", "dog")
    assert dataset.images[0].annotations[0].label == "coffee cup"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"{", "expected JSON"), (b"[]", "expected a JSON object, got list"),
     (json.dumps({"images": []}).encode(), "key 'categories'"),
     (json.dumps(document() | {"images": {}}).encode(), "key 'images': expected a list"),
     (json.dumps(document() | {"annotations": [3]}).encode(), "image_id|only int"),
     (json.dumps(with_annotation(image_id=[1])).encode(), "key 'image_id'"),
     (json.dumps(with_annotation(image_id=55)).encode(), "got 55")],
)  # fmt: skip
def test_files_that_are_wrong_as_a_whole(tmp_path: Path, content: bytes, message: str) -> None:
    for faults in (Faults(), Faults(skip=True)):
        with pytest.raises(DataError, match=message):
            read_checked(write(tmp_path, content), faults)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: data folder"):
        read_checked(tmp_path / "nowhere", Faults())
