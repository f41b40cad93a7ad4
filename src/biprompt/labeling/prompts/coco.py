"""COCO annotations as prompts: their boxes and points, under the names of their categories."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.errors import DataError
from biprompt.labeling.places import open_place
from biprompt.labeling.prompts.values import Said
from biprompt.labeling.values import Ask

_ROUNDING = 1.0
"""Pixels that a box may reach past its image: published sets round so; more is a mistake."""


def read_document(place: str) -> dict[str, Any]:
    """Return a COCO document, of which nothing is checked but that `images` is a list.

    Raises:
        DataError: it cannot be read, or is no such document.
    """
    with open_place(place) as file:
        try:
            document = json.load(file)
        except (ValueError, RecursionError) as error:
            raise DataError("COCO file", expected="JSON", actual=error, path=place) from error
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        expected = "an object with a list of images"
        raise DataError("COCO file", expected=expected, actual="something else", path=place)
    return document


def image_names(document: Mapping[str, Any], place: str) -> Iterator[tuple[object, str, Any]]:
    """Yield id, `file_name` and entry of every image.

    Raises:
        DataError: one has none.
    """
    for entry in document["images"]:
        name = _member(entry, "file_name", "image", place)
        if not isinstance(name, str) or not name:
            raise _wrong("file_name of an image", "a name", repr(name), place)
        yield _member(entry, "id", "image", place), name, entry


def read_coco_prompts(place: str) -> Iterator[Said]:
    """Yield a prompt for each annotation: its `bbox`, and `points` and `text` where it has them.

    `points` are [x, y] or [x, y, label]. Annotations of crowds are left out. Whether a box or a
    point suits its image is found out when the image is asked: one of many annotations does not
    stop the others.

    Raises:
        DataError: a member is missing, an id refers to nothing, or a category has no name.
    """
    document = read_document(place)
    images = {id_: (name, entry) for id_, name, entry in image_names(document, place)}
    labels = dict(_labels(document, place))
    for entry in _list(document, "annotations", place):
        if isinstance(entry, dict) and entry.get("iscrowd"):
            continue
        owner = _known(entry, "image_id", images, place)
        label = labels[_known(entry, "category_id", labels, place)]
        name, image = images[owner]
        given = dict(_given(entry, image))
        yield Said(name, Ask(str(_member(entry, "id", "annotation", place)), label, given))


def _labels(document: Mapping[str, Any], place: str) -> Iterator[tuple[object, str]]:
    for entry in _list(document, "categories", place):
        id_, name = _member(entry, "id", "category", place), entry.get("name")
        if not isinstance(name, str) or not name.strip():
            raise _wrong(f"category {id_}", "a name", repr(name), place)
        yield id_, name.strip()


def _given(entry: Mapping[str, Any], image: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if entry.get("text"):
        yield "text", entry["text"]
    if entry.get("bbox"):
        yield "box", _box(entry["bbox"], image)
    if points := entry.get("points"):
        yield "points", [one[:2] if isinstance(one, list) else one for one in points]
        if any(isinstance(one, list) and len(one) > 2 for one in points):
            yield "labels", [one[2] if len(one) > 2 else 1 for one in points]


def _box(bbox: Any, image: Mapping[str, Any]) -> Any:
    try:
        x, y, width, height = map(float, bbox)
    except (TypeError, ValueError):
        return bbox  # which the prompt then refuses, in its own words
    corners = [x, y, x + width, y + height]
    for place, side in enumerate(("width", "height")):
        most = image.get(side)
        if -_ROUNDING < corners[place] < 0:
            corners[place] = 0.0
        if isinstance(most, int) and most < corners[place + 2] < most + _ROUNDING:
            corners[place + 2] = float(most)
    return corners


def _list(document: Mapping[str, Any], key: str, place: str) -> list[Any]:
    value = document.get(key)
    if not isinstance(value, list):
        raise _wrong(key, "a list", type(value).__name__, place)
    return value


def _member(entry: object, key: str, owner: str, place: str) -> Any:
    if not isinstance(entry, dict) or key not in entry:
        raise _wrong(f"{key} of an {owner}".replace("an category", "a category"),
                     "to be present", "none", place)  # fmt: skip
    return entry[key]


def _known(entry: object, key: str, known: Mapping[Any, object], place: str) -> Any:
    value = _member(entry, key, "annotation", place)
    if isinstance(value, (list, dict)) or value not in known:
        raise _wrong(f"{key} of an annotation", "an id of the file", repr(value), place)
    return value


def _wrong(what: str, expected: str, actual: str, place: str) -> DataError:
    return DataError(what, expected=expected, actual=actual, path=place)
