"""JSON files with images, annotations and categories, as COCO writes them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.readers._json import corners, size_of, value, whole
from biprompt.data.readers._stream import START, stream_lists
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
    """An annotation as the file lists it; the mask is not decoded.

    Attributes:
        id: its number.
        image_id: its image's number.
        category_id: its category's number.
        crowd: whether it stands for many of the kind.
        outlines: each (N, 2) float64 corners (x, y).
        rles: run lengths; one without outlines and run lengths has no mask.
    """

    id: int
    image_id: int
    category_id: int
    crowd: bool
    outlines: tuple[NDArray[np.float64], ...]
    rles: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """A file in COCO's form.

    Attributes:
        path: the file.
        images: by number, in the order of the file.
        annotations: by number, in the order of the file.
        categories: name by number, in the order of the file.
    """

    path: Path
    images: Mapping[int, ImageEntry]
    annotations: Mapping[int, Annotation]
    categories: Mapping[int, str]

    def mask_of(self, *annotations: Annotation) -> Shapes:
        """Return what any of some annotations of one image covers; at least one."""
        return Shapes(
            self.images[annotations[0].image_id].hw,
            tuple(outline for annotation in annotations for outline in annotation.outlines),
            tuple(rle for annotation in annotations for rle in annotation.rles),
            "coco",
            self.path,
        )


def read_instances(path: Path, wanted: Container[int] | None = None) -> Instances:
    """Read a file in COCO's form; no mask is decoded.

    Args:
        path: the JSON file.
        wanted: numbers of the annotations to keep; None keeps all.

    Raises:
        DataError: the file is missing or damaged, a key is missing, or a value has another form.
    """
    images: dict[int, ImageEntry] = {}
    annotations: dict[int, Annotation] = {}
    categories: dict[int, str] = {}
    absent = {"images", "annotations", "categories"}
    for key, entry in stream_lists(path):
        absent.discard(key)
        if entry is START:
            continue
        if key == "images":
            images[whole(entry, "id", path)] = _image(entry, path)
        elif key == "categories":
            categories[whole(entry, "id", path)] = str(value(entry, "name", path))
        elif key == "annotations" and (wanted is None or whole(entry, "id", path) in wanted):
            annotations[whole(entry, "id", path)] = _annotation(entry, path)
    for key in sorted(absent):
        raise DataError(f"key {key!r}", expected="a list", actual="none", path=path)
    _check_images(annotations, images, path)
    return Instances(path, images, annotations, categories)


def _check_images(
    annotations: Mapping[int, Annotation], images: Mapping[int, ImageEntry], path: Path
) -> None:
    for annotation in annotations.values():
        if annotation.image_id not in images:
            raise DataError(
                f"image_id of annotation {annotation.id}",
                expected="an image of the file",
                actual=annotation.image_id,
                path=path,
            )


def _image(entry: object, path: Path) -> ImageEntry:
    name = str(value(entry, "file_name", path))
    return ImageEntry(whole(entry, "id", path), name, size_of(entry, path))


def _annotation(entry: Any, path: Path) -> Annotation:
    segmentation = entry.get("segmentation") or []
    parts = [segmentation] if isinstance(segmentation, dict) else segmentation
    if not isinstance(parts, list):
        raise _wrong(segmentation, path)
    return Annotation(
        id=whole(entry, "id", path),
        image_id=whole(entry, "image_id", path),
        category_id=whole(entry, "category_id", path),
        crowd=bool(entry.get("iscrowd", 0)),
        outlines=tuple(_outline(part, path) for part in parts if not isinstance(part, dict)),
        rles=tuple(part for part in parts if isinstance(part, dict)),
    )


def _outline(part: object, path: Path) -> NDArray[np.float64]:
    if not isinstance(part, list):
        raise _wrong(part, path)
    return corners(part, path)


def _wrong(actual: object, path: Path) -> DataError:
    expected = "polygons [x0, y0, x1, y1, ...] or run lengths {size, counts}"
    return DataError("segmentation", expected=expected, actual=repr(actual), path=path)
