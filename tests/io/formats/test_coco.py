"""COCO documents against pycocotools, and back through our own reader."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from biprompt.errors import DataError, InputError
from biprompt.io.formats.coco import DEFAULT_LABEL, coco_document, coco_json, parse_coco

STACKS = hnp.arrays(np.bool_, st.tuples(st.integers(0, 4), st.integers(1, 20), st.integers(1, 20)))


def document() -> dict[str, Any]:
    masks = np.zeros((2, 4, 6), bool)
    masks[0, 1:3, 2:5] = True
    return coco_document(masks, "a.jpg", label=["cup", "dish"], score=[0.5, None])


@given(STACKS, st.data())
def test_round_trip(masks: np.ndarray, data: st.DataObject) -> None:
    size = {"min_size": len(masks), "max_size": len(masks)}
    name = st.text(min_size=1, max_size=5).filter(str.strip)
    labels = data.draw(st.lists(name, **size))
    scores = data.draw(st.lists(st.none() | st.floats(0, 1), **size))
    text = coco_json(coco_document(masks, "a é.jpg", masks.shape[1:], labels, scores))
    (image,) = parse_coco(text)
    assert image.file_name == "a é.jpg" and image.hw == masks.shape[1:]
    assert [(o.label, o.score) for o in image.objects] == list(zip(labels, scores, strict=True))
    assert all(np.array_equal(o.mask, m) for o, m in zip(image.objects, masks, strict=True))


@given(STACKS)
def test_pycocotools_reads_it(tmp_path_factory: pytest.TempPathFactory, masks: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("coco") / "a.json"
    path.write_bytes(coco_json(coco_document(masks, "a.jpg", label="cup", score=0.25)))
    coco = COCO(str(path))
    assert coco.getImgIds() == [1]
    annotations = coco.loadAnns(coco.getAnnIds(imgIds=[1]))
    assert len(annotations) == len(masks)
    for annotation, mask in zip(annotations, masks, strict=True):
        rle = coco.annToRLE(annotation)
        assert np.array_equal(coco.annToMask(annotation), mask)
        assert annotation["area"] == coco_mask.area(rle) == mask.sum()
        assert annotation["bbox"] == coco_mask.toBbox(rle).tolist()
        assert annotation["score"] == 0.25
        assert coco.loadCats(annotation["category_id"])[0]["name"] == "cup"


def test_pycocotools_takes_it_as_results(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(coco_json(document()))
    truth = COCO(str(path))
    results = [a for a in document()["annotations"] if "score" in a]
    assert len(truth.loadRes(results).getAnnIds()) == 1


def test_the_very_document() -> None:
    found = document()
    assert list(found) == ["info", "licenses", "images", "annotations", "categories"]
    assert found["images"] == [{"id": 1, "file_name": "a.jpg", "height": 4, "width": 6}]
    assert found["categories"] == [{"id": 1, "name": "cup"}, {"id": 2, "name": "dish"}]
    first, second = found["annotations"]
    assert first["bbox"] == [2, 1, 3, 2] and first["area"] == 6 and first["score"] == 0.5
    assert first["iscrowd"] == 0 and first["segmentation"]["size"] == [4, 6]
    assert (second["id"], second["category_id"], second["area"]) == (2, 2, 0)
    assert "score" not in second
    assert json.loads(coco_json(found)) == found


def test_one_mask_and_defaults() -> None:
    found = coco_document(np.ones((2, 3), bool), "a.jpg")
    assert [a["area"] for a in found["annotations"]] == [6]
    assert found["categories"] == [{"id": 1, "name": DEFAULT_LABEL}]
    assert "score" not in found["annotations"][0]
    same = coco_document(np.ones((2, 2, 3), bool), "a.jpg", label=["cup", "cup"])
    assert len(same["categories"]) == 1


def test_uncompressed_counts_are_read() -> None:
    found = document()
    mask = np.zeros((4, 6), bool)
    mask[1:3, 2:5] = True
    runs = np.diff(np.flatnonzero(np.diff(mask.ravel(order="F"), prepend=2, append=2)))
    found["annotations"][0]["segmentation"]["counts"] = runs.tolist()
    assert np.array_equal(parse_coco(found)[0].objects[0].mask, mask)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"masks": np.zeros((2, 3), np.uint8)}, "of bool"),
        ({"masks": np.zeros((2, 0), bool)}, "of bool"),
        ({"masks": np.zeros((1, 1, 2, 3), bool)}, "of bool"),
        ({"hw": (3, 2)}, "mask size"),
        ({"label": " "}, "label"),
        ({"label": ["a", "b"]}, "labels"),
        ({"score": float("nan")}, "score"),
        ({"score": [1, 2]}, "scores"),
        ({"score": ["high"]}, "score"),
    ],
)
def test_wrong_input(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        coco_document(**{"masks": np.zeros((2, 3), bool), "image_name": "a.jpg", **change})


def _set(path: str, value: object) -> Any:
    def change(found: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for step in way:
            found = found[int(step) if step.isdigit() else step]
        if value is KeyError:
            del found[last]
        else:
            found[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set("images", KeyError), "images of the document: expected list, got nothing"),
        (_set("images", {}), "images of the document"),
        (_set("images", [3]), "member of images"),
        (_set("images.0.id", "1"), "id of the image"),
        (_set("images.0.height", None), "height of the image"),
        (_set("images.0.width", True), "width of the image"),
        (_set("images.0.width", 7), "size of the run lengths"),
        (_set("annotations.0.image_id", 5), "image_id of an annotation"),
        (_set("annotations.0.category_id", 5), "category_id of an annotation"),
        (_set("annotations.0.segmentation", [[0, 0, 1, 0, 1, 1]]), "segmentation"),
        (_set("annotations.0.segmentation.counts", "!!"), "RLE counts"),
        (_set("annotations.0.segmentation.counts", KeyError), "RLE"),
        (_set("annotations.0.score", "x"), "score"),
        (_set("categories.1.id", 1), "a different one for each"),
    ],
)
def test_damaged_document(change: Any, said: str) -> None:
    found = copy.deepcopy(document())
    change(found)
    with pytest.raises(DataError, match=said):
        parse_coco(found)


@pytest.mark.parametrize("text", [b"", b"{", "[1]", b"\xff", "[" * 100_000])
def test_not_a_document(text: str | bytes) -> None:
    with pytest.raises(DataError, match="COCO document"):
        parse_coco(text)
