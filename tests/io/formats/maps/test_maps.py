"""Label maps as files, read back by others' programs where there are any."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from biprompt.errors import InputError, OutputError
from biprompt.io.formats.labels import TEXT_KEY
from biprompt.io.formats.maps.colours import class_colours
from biprompt.io.formats.maps.labels import labels_png
from biprompt.io.formats.maps.named import NamedMap
from biprompt.io.formats.maps.panoptic import id_of
from biprompt.io.formats.maps.registry import MAP_FORMATS, files_beside, resolve_format
from biprompt.io.formats.maps.writing import map_files

LABELS = np.array([[1, 1, 0, 3], [1, 0, 3, 3], [3, 0, 3, 3]], np.int32)
INSTANCES = np.array([[0, 0, 0, 1], [0, 0, 1, 1], [2, 0, 1, 1]], np.int32)
NAMES = ("sky", "road", "café")


def named(*, instances: bool = False, pixels: bool = True) -> NamedMap:
    photo = np.full((3, 4, 3), 90, np.uint8) if pixels else None
    return NamedMap("a.jpg", LABELS, NAMES, (0.5, None, 0.25), INSTANCES if instances else None,
                    photo)  # fmt: skip


def files(format: str, path: str, found: NamedMap) -> dict[str, bytes]:
    return dict(map_files(found, path, MAP_FORMATS[format]))


def test_numbers_of_a_label_map_are_those_of_the_list() -> None:
    (data,) = files("labels", "a.png", named()).values()
    picture = Image.open(BytesIO(data))
    assert picture.mode == "P"
    np.testing.assert_array_equal(np.asarray(picture), LABELS)
    assert json.loads(picture.text[TEXT_KEY]) == list(NAMES)  # type: ignore[attr-defined]
    palette = np.asarray(picture.convert("RGB"))
    assert tuple(palette[0, 2]) == (0, 0, 0) and tuple(palette[0, 0]) == class_colours(3)[0]


def test_more_classes_than_a_palette_holds() -> None:
    names = tuple(f"class {n}" for n in range(300))
    labels = np.array([[0, 299, 300]], np.int32)
    picture = Image.open(BytesIO(labels_png(NamedMap("a", labels, names, (None,) * 300))))
    np.testing.assert_array_equal(np.asarray(picture), labels)
    assert len(json.loads(picture.text[TEXT_KEY])) == 300  # type: ignore[attr-defined]


def test_colours_are_told_apart_and_stay() -> None:
    assert len(set(class_colours(1000))) == 1000 and (0, 0, 0) not in class_colours(1000)
    assert class_colours(1000)[:40] == class_colours(40)


def panoptic(found: NamedMap) -> tuple[dict[str, object], np.ndarray]:
    written = files("panoptic", "/x/map.json", found)
    assert list(written) == ["/x/map.png", "/x/map.json"]
    rgb = np.asarray(Image.open(BytesIO(written["/x/map.png"]))).astype(int)
    return json.loads(written["/x/map.json"]), rgb @ np.array([1, 256, 65536])


def test_panoptic_by_the_format_s_own_rule() -> None:
    document, ids = panoptic(named(instances=True))
    (annotation,) = document["annotations"]  # type: ignore[misc]
    assert annotation["file_name"] == "map.png"
    segments = {each["id"]: each for each in annotation["segments_info"]}
    assert set(np.unique(ids).tolist()) == {0, *segments}
    assert [each["category_id"] for each in segments.values()] == [1, 3, 3]
    for number, each in segments.items():
        rows, columns = np.nonzero(ids == number)
        assert each["area"] == len(rows) and each["iscrowd"] == 0
        x, y, width, height = each["bbox"]
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max() + 1, rows.max() + 1)
    assert ids[2, 0] != ids[2, 3] and (ids == 0).tolist() == (LABELS == 0).tolist()
    assert segments[ids[0, 0]]["score"] == 0.5
    categories = document["categories"]
    assert [(c["id"], c["name"], c["isthing"]) for c in categories] == [  # type: ignore[attr-defined]
        (1, "sky", 0), (2, "road", 0), (3, "café", 1)]  # fmt: skip


def test_without_instances_a_class_is_one_segment() -> None:
    document, ids = panoptic(named())
    assert len(document["annotations"][0]["segments_info"]) == 2  # type: ignore[index]
    assert ids[2, 0] == ids[2, 3] == id_of(class_colours(3)[2])


def test_semantic_json_loads_in_pycocotools(tmp_path: Path) -> None:
    (data,) = files("semantic", "map.json", named(instances=True)).values()
    (tmp_path / "map.json").write_bytes(data)
    found = COCO(str(tmp_path / "map.json"))
    assert found.getCatIds() == [1, 2, 3]
    masks = {
        each["category_id"]: found.annToMask(each) for each in found.loadAnns(found.getAnnIds())
    }
    assert set(masks) == {1, 3}
    for number, mask in masks.items():
        np.testing.assert_array_equal(mask, number == LABELS)


def test_other_formats_hold_a_mask_a_region() -> None:
    (data,) = files("coco", "map.json", named(instances=True)).values()
    names = {each["id"]: each["name"] for each in json.loads(data)["categories"]}
    found = [names[each["category_id"]] for each in json.loads(data)["annotations"]]
    assert found == ["sky", "café", "café"]
    yolo = files("yolo", "map.txt", named())
    assert list(yolo) == ["map.classes.txt", "map.txt"]


def test_the_overlay_has_a_legend_below() -> None:
    labels = np.repeat(np.repeat(LABELS, 40, 0), 60, 1)
    photo = np.full((*labels.shape, 3), 90, np.uint8)
    found = NamedMap("a", labels, NAMES, (None,) * 3, None, photo)
    (data,) = files("overlay", "o.png", found).values()
    picture = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    assert picture.shape[1] == 240 and picture.shape[0] > 120
    legend = {tuple(pixel) for row in picture[120:].tolist() for pixel in row}
    colours = class_colours(3)
    assert colours[0] in legend and colours[2] in legend and colours[1] not in legend
    assert (picture[60, 90] == 90).all()  # none of the classes: as it was
    with pytest.raises(InputError, match="image of the map: expected the photograph"):
        files("overlay", "o.png", named(pixels=False))


@pytest.mark.parametrize(
    ("path", "format", "expected"),
    [("a.png", None, "labels"), ("a.JSON", None, "panoptic"), ("a.txt", None, "yolo"),
     ("a.geojson", None, "geojson"), ("a.json", "SEMANTIC", "semantic"),
     ("a.png", "overlay", "overlay")],
)  # fmt: skip
def test_formats_by_name_and_suffix(path: str, format: str | None, expected: str) -> None:
    assert resolve_format(path, format).name == expected


@pytest.mark.parametrize(
    ("path", "format", "message"),
    [("a.tif", None, "file suffix: expected .png, .json, .txt, .geojson, or a format"),
     ("a.png", "bmp", "format: expected labels, panoptic"),
     ("a.png", "panoptic", "file suffix: expected a file name that ends in .json")],
)  # fmt: skip
def test_formats_that_cannot_be(path: str, format: str | None, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        resolve_format(path, format)
    assert files_beside("x/a.json", MAP_FORMATS["panoptic"]) == ["x/a.png"]


def test_a_tolerance_needs_outlines() -> None:
    assert map_files(named(), "a.txt", MAP_FORMATS["yolo"], 1.0)
    with pytest.raises(InputError, match="tolerance: expected 0 for the format panoptic"):
        map_files(named(), "a.json", MAP_FORMATS["panoptic"], 1.0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [(np.zeros((2, 2), np.uint8), "labels: expected shape"),
     (np.full((2, 2), 4, np.int32), "labels: expected 0 to 3, got 4 to 4"),
     (np.full((2, 2), -1, np.int32), "labels: expected 0 to 3")],
)  # fmt: skip
def test_maps_that_are_none(labels: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        NamedMap("a", labels, NAMES, (None,) * 3)
