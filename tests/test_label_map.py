"""A label map as a value: what it says and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import InputError, OutputError
from biprompt.masks import rle_decode
from biprompt.results import ClassFacts, LabelMap, Verdict

LABELS = np.array([[1, 1, 0], [0, 3, 3]], np.int32)


def label_map(
    labels: np.ndarray = LABELS, *, image: bool = True, instances: bool = False
) -> LabelMap:
    names = ("sky", "road", "dog")
    facts = tuple(
        ClassFacts(name, (name,), 0.5, 0.75, int((labels == number).sum()))
        for number, name in enumerate(names, start=1)
    )
    parts = np.where(labels == 3, 1, 0).astype(np.int32) if instances else None
    photo = np.full((*labels.shape, 3), 7, np.uint8) if image else None
    return LabelMap(labels, facts, "model", "Because.", parts, "folder/photo.jpg", photo)


def test_what_it_says() -> None:
    found = label_map()
    assert found.names == ("sky", "road", "dog") and found.found == ("sky", "dog")
    assert found.verdict is Verdict.FOUND and found.scores == (0.75,) * 3
    assert found.mask("dog").tolist() == [[False] * 3, [False, True, True]]
    assert not found.mask("road").any()
    with pytest.raises(InputError, match="class: expected sky, road, dog, got 'cat'"):
        found.mask("cat")
    empty = label_map(np.zeros((2, 3), np.int32))
    assert empty.verdict is Verdict.ABSENT and empty.found == ()


def test_json() -> None:
    told = json.loads(json.dumps(label_map(instances=True).to_dict()))
    assert told["image"] == {"path": "folder/photo.jpg", "height": 2, "width": 3}
    assert told["found"] == ["sky", "dog"] and told["covered"] == pytest.approx(4 / 6)
    assert [each["number"] for each in told["classes"]] == [1, 2, 3]
    sky, road, dog = told["classes"]
    assert sky["bbox"] == [0, 0, 2, 1] and sky["instances"] == 0 and dog["instances"] == 1
    assert road["mask"] is road["bbox"] is road["instances"] is None
    np.testing.assert_array_equal(rle_decode(dog["mask"]), LABELS == 3)
    assert label_map().to_dict()["classes"][0]["instances"] is None


def test_files(tmp_path: Path) -> None:
    found = label_map()
    found.save(tmp_path / "map.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "map.png")), LABELS)
    with pytest.raises(OutputError, match=r"map\.png"):
        found.save(tmp_path / "map.json")  # its picture is there already
    assert not (tmp_path / "map.json").exists()
    found.save(tmp_path / "map.json", force=True)
    document = json.loads((tmp_path / "map.json").read_text())
    assert document["images"][0]["file_name"] == "photo.jpg"
    assert len(document["annotations"][0]["segments_info"]) == 2
    found.save_overlay(tmp_path / "over.png")
    with pytest.raises(InputError, match="image of the map: expected the photograph, got not kept"):
        label_map(image=False).save_overlay(tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


@pytest.mark.parametrize(
    "labels", [np.zeros((2, 3)), np.full((2, 3), 4, np.int32), np.zeros((2, 3, 1), np.int32)]
)
def test_maps_that_are_none(labels: np.ndarray) -> None:
    with pytest.raises(InputError, match="labels: expected"):
        label_map(labels, image=False)
