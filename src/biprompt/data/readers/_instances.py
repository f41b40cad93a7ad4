"""JSON files with images, annotations and categories, as COCO writes them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.readers._json import corners, listed, read_json, size_of, value, whole
from biprompt.data.sources import Shapes
from biprompt.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class ImageEntry:
    """An image as the file lists it: its number, file name and (height, width)."""

    id: int
    file_name: str
    hw: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """An annotation as the file lists it; the mask is not decoded."""

    id: int
    image_id: int
    category_id: int
    crowd: bool
    shapes: Shapes


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """A file in COCO's form.

    Attributes:
        path: the file.
        images: by number, in the order of the file.
        annotations: by number, in the order of the file; those without a segmentation are there
            too, with empty shapes.
        categories: name by number, in the order of the file.
    """

    path: Path
    images: Mapping[int, ImageEntry]
    annotations: Mapping[int, Annotation]
    categories: Mapping[int, str]


def read_instances(path: Path, wanted: Container[int] | None = None) -> Instances:
    """Read a file in COCO's form; no mask is decoded.

    Args:
        path: the JSON file.
        wanted: numbers of the annotations to keep; None keeps all.

    Raises:
        DataError: the file is missing or damaged, a key is missing, or a value has another form.
    """
    document = read_json(path)
    images = {e.id: e for e in (_image(x, path) for x in listed(document, "images", path))}
    kept = (
        entry
        for entry in listed(document, "annotations", path)
        if wanted is None or whole(entry, "id", path) in wanted
    )
    return Instances(
        path=path,
        images=images,
        annotations={a.id: a for a in (_annotation(entry, images, path) for entry in kept)},
        categories={
            whole(entry, "id", path): str(value(entry, "name", path))
            for entry in listed(document, "categories", path)
        },
    )


def shapes_of(segmentation: Any, hw: tuple[int, int], path: Path) -> Shapes:
    """Return a segmentation of COCO or refer: polygons, run lengths, or a list of run lengths.

    Raises:
        DataError: it is none of them.
    """
    parts = [segmentation] if isinstance(segmentation, dict) else segmentation or []
    if not isinstance(parts, list):
        raise _wrong(segmentation, path)
    outlines = tuple(_outline(part, path) for part in parts if not isinstance(part, dict))
    rles = tuple(part for part in parts if isinstance(part, dict))
    return Shapes(hw, outlines, rles, "coco", path)


def union_of(annotations: Iterable[Annotation], hw: tuple[int, int], path: Path) -> Shapes:
    """Return what any of some annotations of one image covers."""
    every = [annotation.shapes for annotation in annotations]
    outlines = tuple(outline for shapes in every for outline in shapes.outlines)
    rles = tuple(rle for shapes in every for rle in shapes.rles)
    return Shapes(hw, outlines, rles, "coco", path)


def _image(entry: object, path: Path) -> ImageEntry:
    name = str(value(entry, "file_name", path))
    return ImageEntry(whole(entry, "id", path), name, size_of(entry, path))


def _annotation(entry: Any, images: Mapping[int, ImageEntry], path: Path) -> Annotation:
    image_id = whole(entry, "image_id", path)
    if image_id not in images:
        raise DataError(
            "annotation's image_id", expected="an image of the file", actual=image_id, path=path
        )
    return Annotation(
        id=whole(entry, "id", path),
        image_id=image_id,
        category_id=whole(entry, "category_id", path),
        crowd=bool(entry.get("iscrowd", 0)),
        shapes=shapes_of(entry.get("segmentation"), images[image_id].hw, path),
    )


def _outline(part: object, path: Path) -> NDArray[np.float64]:
    if not isinstance(part, list):
        raise _wrong(part, path)
    return corners(part, path)


def _wrong(actual: object, path: Path) -> DataError:
    expected = "polygons [x0, y0, x1, y1, ...] or run lengths {size, counts}"
    return DataError("segmentation", expected=expected, actual=repr(actual), path=path)
