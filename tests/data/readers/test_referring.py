"""PhraseCut and ReasonSeg."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from biprompt.data.readers.registry import read_dataset
from biprompt.errors import DataError

HW = (12, 16)


def drawn(*polygons: list[tuple[int, int]]) -> np.ndarray:
    image = Image.new("L", HW[::-1], 0)
    for polygon in polygons:
        ImageDraw.Draw(image).polygon(polygon, fill=1, outline=1)
    return np.asarray(image) > 0


@pytest.fixture
def phrasecut(disk: Any) -> Any:
    disk.photo("images/61.jpg", HW)
    entry = {"image_id": 61, "height": HW[0], "width": HW[1], "split": "test", "url": "-"}
    disk.json("image_data_split3000.json", [entry])
    task = {
        "task_id": "61__1_2", "image_id": 61, "ann_ids": [1, 2], "phrase": "wooden chair",
        "instance_boxes": [[1, 1, 4, 4], [8, 2, 5, 5]], "phrase_structure": {"name": "chair"},
        "Polygons": [[[[1.7, 1.2], [5.9, 1.1], [5, 5]], [[0, 9], [3, 9], [3, 11]]],
                     [[[8, 2], [13, 2], [13, 7], [8, 7]]]],
    }  # fmt: skip
    disk.json("refer_test.json", [task])
    return disk


def test_phrasecut_draws_as_its_own_tools(phrasecut: Any) -> None:
    (sample,) = read_dataset("phrasecut", phrasecut.root)
    assert (sample.sentences, sample.image_id, sample.ref_id) == (("wooden chair",), 61, "61__1_2")
    expected = drawn(
        [(1, 1), (5, 1), (5, 5)], [(0, 9), (3, 9), (3, 11)], [(8, 2), (13, 2), (13, 7), (8, 7)]
    )
    np.testing.assert_array_equal(sample.mask(), expected)


@pytest.mark.parametrize("name", ["images/61.jpg", "refer_test.json", "image_data_split3000.json"])
def test_phrasecut_names_what_is_missing(phrasecut: Any, name: str) -> None:
    (phrasecut.root / name).unlink()
    with pytest.raises(DataError, match="biprompt data where phrasecut"):
        read_dataset("phrasecut", phrasecut.root)


@pytest.mark.parametrize("polygons", [[[["a"]]], [[[[1, 2, 3]]]], 5])
def test_phrasecut_of_another_form(phrasecut: Any, polygons: Any) -> None:
    task = {"task_id": "1", "image_id": 61, "phrase": "x", "Polygons": polygons}
    phrasecut.json("refer_test.json", [task])
    with pytest.raises(DataError, match=r"refer_test\.json"):
        read_dataset("phrasecut", phrasecut.root)


def shape(label: str, *points: tuple[float, float]) -> dict[str, Any]:
    return {"label": label, "points": [list(p) for p in points], "shape_type": "polygon"}


SQUARE = ((1.0, 1.0), (10.9, 1.0), (10.9, 9.9), (1.0, 9.9))
HOLE = ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0))


@pytest.fixture
def reasonseg(disk: Any) -> Any:
    disk.photo("ReasonSeg/val/1.jpg", HW)
    document = {
        "text": ["what is for drinking"], "is_sentence": True,
        "shapes": [shape("ignore", *HOLE), shape("target", *SQUARE), shape("flag", (0, 0))],
    }  # fmt: skip
    disk.json("ReasonSeg/val/1.json", document)
    return disk


def test_reasonseg_paints_the_largest_first(reasonseg: Any) -> None:
    (sample,) = read_dataset("reasonseg", reasonseg.root)
    assert (sample.sentences, sample.image_id) == (("what is for drinking",), "1")
    target, ignored = np.zeros(HW, bool), np.zeros(HW, bool)
    ignored[4:7, 4:7] = True
    target[1:10, 1:11] = True
    np.testing.assert_array_equal(sample.mask(), target & ~ignored)
    np.testing.assert_array_equal(sample.ignore_mask(), ignored)


def test_reasonseg_covered_ignore_does_not_count(reasonseg: Any) -> None:
    document = {"text": "cup", "shapes": [shape("Ignore", *SQUARE), shape("target", *HOLE)]}
    reasonseg.json("ReasonSeg/val/1.json", document)
    (sample,) = read_dataset("reasonseg", reasonseg.root)
    assert (sample.mask().sum(), sample.ignore_mask().sum()) == (9, 90 - 9)
    assert sample.sentences == ("cup",)


def test_reasonseg_without_ignore_and_in_windows_encoding(reasonseg: Any) -> None:
    text = '{"text": ["caf\xe9"], "is_sentence": false, "shapes": []}'
    (reasonseg.root / "ReasonSeg/val/1.json").write_bytes(text.encode("cp1252"))
    (sample,) = read_dataset("reasonseg", reasonseg.root)
    assert sample.sentences == ("caf\xe9",)
    assert sample.ignore_mask() is None


@pytest.mark.parametrize(
    ("text", "named"),
    [("{", "expected JSON"), ("{}", "key 'shapes'"),
     ('{"text": [], "shapes": [{"label": "target"}]}', "key 'points'"),
     ('{"text": [], "shapes": [{"label": "target", "points": [1]}]}', "polygon")],
)  # fmt: skip
def test_reasonseg_of_another_form(reasonseg: Any, text: str, named: str) -> None:
    reasonseg.text("ReasonSeg/val/1.json", text)
    with pytest.raises(DataError, match=named):
        read_dataset("reasonseg", reasonseg.root)


def test_reasonseg_missing_photograph_and_split(reasonseg: Any) -> None:
    (reasonseg.root / "ReasonSeg/val/1.jpg").unlink()
    with pytest.raises(DataError, match=r"val/1\.jpg: file"):
        read_dataset("reasonseg", reasonseg.root)
    with pytest.raises(DataError, match="ReasonSeg/test: folder"):
        read_dataset("reasonseg", reasonseg.root, "test")
