"""LabelMe JSON: one file for an image, one polygon for each part of a thing.

The parts of one thing share a `group_id`. LabelMe's polygons have no holes: a hole is joined to
the outline by a cut of no width, so the filled polygon is the mask again. The photograph itself
is not put into the file (`imageData` is null): LabelMe looks for `imagePath` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.io.formats import _json, notes
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.masks import rings_without_holes

VERSION = "5.5.0"
"""Of LabelMe, whose layout this is."""

_GROUP = (int, type(None))


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Write a LabelMe document."""
    data = _json.to_json(labelme_document(image, tolerance))
    lost = (notes.joined(image, parts=False), notes.empty_left_out(image))
    return Written((ExportedFile(".json", data),), tuple(filter(None, lost)))


def labelme_document(image: LabelledImage, tolerance: float = 0.0) -> dict[str, Any]:
    """Describe masks as a LabelMe document of plain JSON values; empty ones are left out.

    Args:
        image: the masks.
        tolerance: as in `rings_without_holes`.

    Raises:
        InputError: as in `rings_without_holes`.
    """
    height, width = image.hw
    shapes = [
        shape
        for group, thing in enumerate(image.objects, start=1)
        for shape in _shapes(thing, group, tolerance)
    ]
    return {
        "version": VERSION,
        "flags": {},
        "shapes": shapes,
        # A name without folders, also of another system: the photograph lies beside the file.
        "imagePath": re.split(r"[/\\]", image.file_name)[-1],
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }


def parse_labelme(document: Mapping[str, Any] | bytes | str) -> LabelledImage:
    """Read the masks of a LabelMe document.

    Shapes are polygons or rectangles; pixels whose centre lies inside belong to the mask. Shapes
    with the same label and the same `group_id` are one thing.

    Args:
        document: the JSON text, or what it decodes to.

    Raises:
        DataError: not JSON, a member is missing or of another kind, or a shape of another type.
    """
    data = _json.from_json(document, "LabelMe document")
    hw = _json.size(data, "imageHeight", "imageWidth", "image")
    groups: dict[tuple[str, int], list[list[Any]]] = {}
    for number, shape in enumerate(_json.members(data, "shapes", "document")):
        label = _json.member(shape, "label", str, "shape")
        group = _json.member(shape, "group_id", _GROUP, "shape")
        # A shape without a group is a thing of its own: numbers below 0 are not taken by LabelMe.
        alone = ("", -1 - number)
        groups.setdefault(alone if group is None else (label, group), []).append(
            [label, _corners(shape)]
        )
    objects = tuple(
        _json.labelled(_json.filled([[corners] for _, corners in parts], hw), parts[0][0])
        for parts in groups.values()
    )
    return LabelledImage(_json.member(data, "imagePath", str, "document"), hw, objects)


def _shapes(thing: LabelledMask, group: int, tolerance: float) -> Iterator[dict[str, Any]]:
    rings = rings_without_holes(thing.mask, tolerance)
    for ring in rings:
        yield {
            "label": thing.label,
            "points": ring.tolist(),
            "group_id": group if len(rings) > 1 else None,
            "description": "",
            "shape_type": "polygon",
            "flags": {},
            "mask": None,
        }


def _corners(shape: Mapping[str, Any]) -> list[Any]:
    points: list[Any] = _json.member(shape, "points", list, "shape")
    kind = _json.member(shape, "shape_type", (str, type(None)), "shape")
    if kind in ("polygon", None):
        return points
    if kind != "rectangle":
        raise _json.wrong("shape_type of the shape", "polygon or rectangle", repr(kind))
    if len(points) != 2 or not all(isinstance(xy, list) and len(xy) == 2 for xy in points):
        raise _json.wrong("points of a rectangle", "two corners", repr(points))
    (x0, y0), (x1, y1) = points
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
