"""LabelMe documents: layout, groups, and documents from elsewhere."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from biprompt.errors import DataError
from biprompt.io.formats.export import export
from biprompt.io.formats.labelme import labelme_document, parse_labelme
from biprompt.io.formats.objects import LabelledImage, LabelledMask

RING = np.zeros((4, 6), bool)
RING[:3, :3] = True
RING[1, 1] = False
TWO = np.zeros((4, 6), bool)
TWO[0, 5] = TWO[3, 0] = True


def image(*masks: np.ndarray, name: str = "photos/a b.jpg") -> LabelledImage:
    things = tuple(LabelledMask.of(mask, f"thing {n}") for n, mask in enumerate(masks))
    return LabelledImage(name, (4, 6), things)


def test_the_very_document() -> None:
    found = labelme_document(image(RING, TWO, np.zeros((4, 6), bool), TWO))
    assert list(found) == [
        "version", "flags", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth",
    ]  # fmt: skip
    assert found["imageData"] is None and found["imagePath"] == "a b.jpg"
    assert (found["imageHeight"], found["imageWidth"]) == (4, 6)
    shapes = found["shapes"]
    assert [s["label"] for s in shapes] == ["thing 0", *["thing 1"] * 2, *["thing 3"] * 2]
    assert [s["group_id"] for s in shapes] == [None, 2, 2, 4, 4]
    assert {s["shape_type"] for s in shapes} == {"polygon"}
    assert shapes[1]["points"] == [[5, 0], [6, 0], [6, 1], [5, 1]]
    assert len(shapes[0]["points"]) == 4 + 4 + 3  # the hole, and a cut there and back
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("name", ["../../etc/a.jpg", "C:\\photos\\a.jpg", "/a.jpg", "a.jpg"])
def test_the_photograph_lies_beside_the_file(name: str) -> None:
    assert labelme_document(image(name=name))["imagePath"] == "a.jpg"


def test_what_is_lost() -> None:
    assert export(image(TWO), "labelme").lost == ()
    lost = export(image(RING, np.zeros((4, 6), bool), RING), "labelme").lost
    assert lost == (
        "Holes of 2 objects are joined by cuts of no width.",
        "One object without a pixel left out.",
    )


def test_shapes_of_one_group_and_label_are_one_thing() -> None:
    found = labelme_document(image(TWO))
    for shape, label, group in zip(found["shapes"], "ab", (1, 1), strict=True):
        shape.update(label=label, group_id=group)
    assert [t.label for t in parse_labelme(found).objects] == ["a", "b"]
    for shape in found["shapes"]:
        shape.update(label="a", group_id=None)
    assert [t.area for t in parse_labelme(found).objects] == [1, 1]
    for shape in found["shapes"]:
        shape.update(group_id=0)
    (thing,) = parse_labelme(found).objects
    assert np.array_equal(thing.mask, TWO)


def test_old_files_without_newer_members_and_rectangles() -> None:
    found = labelme_document(image(TWO))
    shapes = [{key: s[key] for key in ("label", "points")} for s in found["shapes"]]
    shapes[1].update(shape_type="rectangle", points=[[3.0, 3.0], [1.0, 0.0]])
    found["shapes"] = shapes
    assert [t.area for t in parse_labelme(found).objects] == [1, 6]


def _with(key: str, value: Any) -> dict[str, Any]:
    found = copy.deepcopy(labelme_document(image(TWO)))
    target = found["shapes"][0] if key in found["shapes"][0] else found
    target[key] = value
    return found


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("x", "LabelMe document"),
        (_with("shapes", None), "shapes of the document"),
        (_with("imageHeight", 0), "size of the image"),
        (_with("imageWidth", "6"), "imageWidth of the image"),
        (_with("imagePath", None), "imagePath of the document"),
        (_with("label", 3), "label of the shape"),
        (_with("label", " "), "label"),
        (_with("group_id", "x"), "group_id of the shape"),
        (_with("points", None), "points of the shape"),
        (_with("points", [[1, 2], [3, 4]]), "polygon"),
        (_with("points", [[1, 2], [3, 4], None]), "polygon"),
        (_with("shape_type", "circle"), "polygon or rectangle, got 'circle'"),
        (_with("shape_type", "rectangle"), "points of a rectangle"),
    ],
)
def test_damaged_documents(document: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_labelme(document)
