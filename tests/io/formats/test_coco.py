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

from biprompt.errors import DataError
from biprompt.io.formats.coco import coco_document, parse_coco
from biprompt.io.formats.export import export
from biprompt.io.formats.objects import DEFAULT_LABEL, LabelledImage, LabelledMask

STACKS = hnp.arrays(np.bool_, st.tuples(st.integers(0, 4), st.integers(1, 20), st.integers(1, 20)))


def image(masks: np.ndarray, name: str = "a.jpg", **about: Any) -> LabelledImage:
    """An image whose masks share label and score, or have one each."""
    each = [
        {key: value[n] if isinstance(value, list) else value for key, value in about.items()}
        for n in range(len(masks))
    ]
    things = (LabelledMask.of(mask, **more) for mask, more in zip(masks, each, strict=True))
    return LabelledImage(name, masks.shape[1:], tuple(things))


def coco_json(found: LabelledImage) -> bytes:
    (file,) = export(found, "coco").files
    return file.data


def small() -> LabelledImage:
    masks = np.zeros((2, 4, 6), bool)
    masks[0, 1:3, 2:5] = True
    return image(masks, label=["cup", "dish"], score=[0.5, None])


def document() -> dict[str, Any]:
    return coco_document([small()])


@given(STACKS, st.data())
def test_round_trip(masks: np.ndarray, data: st.DataObject) -> None:
    size = {"min_size": len(masks), "max_size": len(masks)}
    name = st.text(min_size=1, max_size=5).filter(str.strip)
    labels = data.draw(st.lists(name, **size))
    scores = data.draw(st.lists(st.none() | st.floats(0, 1), **size))
    (found,) = parse_coco(coco_json(image(masks, "a é.jpg", label=labels, score=scores)))
    assert found.file_name == "a é.jpg" and found.hw == masks.shape[1:]
    assert [(o.label, o.score) for o in found.objects] == list(zip(labels, scores, strict=True))
    assert all(np.array_equal(o.mask, m) for o, m in zip(found.objects, masks, strict=True))


@given(STACKS)
def test_pycocotools_reads_it(tmp_path_factory: pytest.TempPathFactory, masks: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("coco") / "a.json"
    path.write_bytes(coco_json(image(masks, label="cup", score=0.25)))
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


def test_several_images_share_categories() -> None:
    other = LabelledImage("b.jpg", (2, 2), (LabelledMask.of(np.eye(2, dtype=bool), "dish"),))
    found = coco_document([small(), other])
    assert [a["image_id"] for a in found["annotations"]] == [1, 1, 2]
    assert [a["id"] for a in found["annotations"]] == [1, 2, 3]
    assert [a["category_id"] for a in found["annotations"]] == [1, 2, 2]
    first, second = parse_coco(found)
    assert [len(i.objects) for i in (first, second)] == [2, 1]
    assert second.objects[0].rle == other.objects[0].rle


def test_pycocotools_takes_it_as_results(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(coco_json(small()))
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
    assert json.loads(coco_json(small())) == found


def test_one_mask_and_defaults() -> None:
    found = coco_document([image(np.ones((1, 2, 3), bool))])
    assert [a["area"] for a in found["annotations"]] == [6]
    assert found["categories"] == [{"id": 1, "name": DEFAULT_LABEL}]
    assert "score" not in found["annotations"][0]


def test_uncompressed_counts_are_read() -> None:
    found = document()
    mask = np.zeros((4, 6), bool)
    mask[1:3, 2:5] = True
    runs = np.diff(np.flatnonzero(np.diff(mask.ravel(order="F"), prepend=2, append=2)))
    found["annotations"][0]["segmentation"]["counts"] = runs.tolist()
    assert np.array_equal(parse_coco(found)[0].objects[0].mask, mask)


def test_polygons_are_filled_by_pixel_centres() -> None:
    found = document()
    polygons = [[2, 1, 5, 1, 5, 3, 2, 3], [0, 0, 1.0, 0, 1.0, 1.0, 0, 1.0]]
    found["annotations"][0]["segmentation"] = polygons
    mask = np.zeros((4, 6), bool)
    mask[1:3, 2:5] = mask[0, 0] = True
    assert np.array_equal(parse_coco(found)[0].objects[0].mask, mask)


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
        (_set("annotations.0.segmentation", "x"), "segmentation of the annotation"),
        (_set("annotations.0.segmentation", [[0, 0, 1, 0, 1]]), "polygon"),
        (_set("annotations.0.segmentation", [[0, 0, 1, 1]]), "polygon"),
        (_set("annotations.0.segmentation", [[0, 0, "1", 0, 1, 1]]), "polygon"),
        (_set("annotations.0.segmentation", [3]), "polygon"),
        (_set("images.0.height", 2**40), "size of the image"),
        (_set("categories.0.name", " "), "label"),
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
