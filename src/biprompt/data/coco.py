"""Folders in COCO layout: `images/` beside `instances.json` (or `annotations.json`).

The reader looks at the JSON only. Images stay closed, masks stay run-length encoded, so a folder of
a hundred thousand photographs opens in seconds and the caller decides what to decode.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.errors import DataError, InputError
from biprompt.masks import Rle, area, bbox_xyxy, fill_polygon, rle_decode, rle_encode

ANNOTATION_FILES = ("instances.json", "annotations.json")
_ANNOTATION_KEYS = frozenset(
    {"id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd", "ignore"}
)

BoolMask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CocoAnnotation:
    """One labelled thing of one image.

    Attributes:
        id: the annotation's own number, unique in the data set.
        label: category name as the file spells it.
        rle: its mask as COCO RLE, `{"size": [height, width], "counts": str}`.
        box_xyxy: (x0, y0, x1, y1) in pixels of the image file; x1 and y1 lie outside the mask.
        area: mask area in pixels, as the file states it.
        crowd: a region holding many of the kind, not one instance.
        ignore: RLE of pixels that metrics skip, or None.
        extra: every other key of the annotation, for example `annotator`.
    """

    id: int
    label: str
    rle: Rle
    box_xyxy: tuple[float, float, float, float]
    area: float
    crowd: bool = False
    ignore: Rle | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def mask(self) -> BoolMask:
        """Decode the mask: (H, W) bool, in the frame of the image file."""
        return rle_decode(self.rle)

    def ignore_mask(self) -> BoolMask | None:
        """Decode the pixels to skip: (H, W) bool, or None where every pixel counts."""
        return None if self.ignore is None else rle_decode(self.ignore)


@dataclass(frozen=True, slots=True, eq=False)
class CocoImage:
    """One image file and what is labelled in it.

    Attributes:
        id: the image's number in the file.
        path: where the image lies; it existed when the data set was read.
        hw: (height, width) in pixels, as the JSON states it.
        annotations: in the order of the file.
    """

    id: int
    path: Path
    hw: tuple[int, int]
    annotations: tuple[CocoAnnotation, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CocoDataset:
    """A folder in COCO layout.

    Attributes:
        name: the folder's name.
        root: the folder.
        images: sorted by file name, so that the order does not hang on the writer of the file.
        labels: every category name, in the order of the file.
    """

    name: str
    root: Path
    images: tuple[CocoImage, ...]
    labels: tuple[str, ...]


def read_coco(folder: str | Path) -> CocoDataset:
    """Read a folder in COCO layout without opening any image.

    Segmentations may be compressed RLE, uncompressed RLE or polygons; the last two are encoded.
    Annotations without a segmentation are left out: there is nothing to segment.

    Args:
        folder: holds `images/` and `instances.json` or `annotations.json`.

    Raises:
        DataError: the folder, a file or a key is missing, or a value has the wrong form; the
            message names it with what was expected.
    """
    root = Path(folder)
    source = annotation_file(root)
    return parse_coco(_load(source), root, source)


def parse_coco(document: dict[str, Any], root: Path, source: Path) -> CocoDataset:
    """Take the JSON of a folder in COCO layout apart, as `read_coco` does.

    Args:
        document: what the JSON file holds.
        root: the folder that holds `images/`.
        source: the JSON file, for messages.

    Raises:
        DataError: as in `read_coco`.
    """
    labels = _labels(document, source)
    sizes = {_integer(entry, "id", source): entry for entry in _entries(document, "images", source)}
    grouped = _grouped(document, sizes, labels, source)
    images = tuple(
        _image(entry, grouped.get(number, ()), root, source) for number, entry in sizes.items()
    )
    ordered = tuple(sorted(images, key=lambda image: image.path.as_posix()))
    return CocoDataset(root.resolve().name, root, ordered, tuple(labels.values()))


def annotation_file(root: Path) -> Path:
    """Return the JSON file of a folder in COCO layout.

    Raises:
        DataError: the folder or the file is missing.
    """
    if not root.is_dir():
        raise DataError("data folder", expected="a folder", actual="nothing there", path=root)
    for name in ANNOTATION_FILES:
        if (root / name).is_file():
            return root / name
    found = ", ".join(sorted(p.name for p in root.iterdir())[:8]) or "an empty folder"
    raise DataError("annotations", expected=" or ".join(ANNOTATION_FILES), actual=found, path=root)


def _load(source: Path) -> dict[str, Any]:
    try:
        document = json.loads(source.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError("annotations", expected="JSON", actual=error, path=source) from error
    if not isinstance(document, dict):
        raise DataError(
            "annotations", expected="a JSON object", actual=type(document).__name__, path=source
        )
    return document


def _value(entry: object, key: str, source: Path) -> Any:
    if isinstance(entry, dict) and key in entry:
        return entry[key]
    found = ", ".join(map(str, entry)) if isinstance(entry, dict) else type(entry).__name__
    raise DataError(f"key {key!r}", expected="to be present", actual=f"only {found}", path=source)


def _entries(document: dict[str, Any], key: str, source: Path) -> list[Any]:
    entries = _value(document, key, source)
    if not isinstance(entries, list):
        raise DataError(
            f"key {key!r}", expected="a list", actual=type(entries).__name__, path=source
        )
    return entries


def _integer(entry: object, key: str, source: Path) -> int:
    value = _value(entry, key, source)
    if isinstance(value, bool) or not isinstance(value, int):
        raise DataError(f"key {key!r}", expected="a whole number", actual=repr(value), path=source)
    return value


def _labels(document: dict[str, Any], source: Path) -> dict[int, str]:
    return {
        _integer(entry, "id", source): str(_value(entry, "name", source))
        for entry in _entries(document, "categories", source)
    }


def _grouped(
    document: dict[str, Any], sizes: dict[int, Any], labels: dict[int, str], source: Path
) -> dict[int, list[CocoAnnotation]]:
    grouped: dict[int, list[CocoAnnotation]] = defaultdict(list)
    for entry in _entries(document, "annotations", source):
        image_id = _known(entry, "image_id", sizes, source)
        label = labels[_known(entry, "category_id", labels, source)]
        hw = _size(sizes[image_id], source)
        annotation = _annotation(entry, label, hw, source)
        if annotation is not None:
            grouped[image_id].append(annotation)
    return grouped


def _known(entry: object, key: str, known: Mapping[int, object], source: Path) -> int:
    value = _integer(entry, key, source)
    if value not in known:
        raise DataError(
            f"annotation's {key}", expected="an id listed in the file", actual=value, path=source
        )
    return value


def _size(entry: object, source: Path) -> tuple[int, int]:
    height, width = _integer(entry, "height", source), _integer(entry, "width", source)
    if height < 1 or width < 1:
        raise DataError(
            "image size", expected="height and width >= 1", actual=(height, width), path=source
        )
    return height, width


def _image(
    entry: object, annotations: list[CocoAnnotation] | tuple[()], root: Path, source: Path
) -> CocoImage:
    name = str(_value(entry, "file_name", source))
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or not name:
        raise DataError("file_name", expected="a path below images/", actual=name, path=source)
    path = root / "images" / parts
    if not path.is_file():
        raise DataError("image file", expected="a file", actual="nothing there", path=path)
    return CocoImage(_integer(entry, "id", source), path, _size(entry, source), tuple(annotations))


def _annotation(
    entry: dict[str, Any], label: str, hw: tuple[int, int], source: Path
) -> CocoAnnotation | None:
    rle = _rle(_value(entry, "segmentation", source), hw, source)
    if rle is None:
        return None
    ignore = entry.get("ignore")  # in the official files it is the number 0 or 1, not a mask
    return CocoAnnotation(
        id=_integer(entry, "id", source),
        label=label,
        rle=rle,
        box_xyxy=_box(entry, rle, source),
        area=float(entry["area"]) if "area" in entry else float(area(rle_decode(rle))),
        crowd=bool(entry.get("iscrowd", 0)),
        ignore=_rle(ignore, hw, source) if isinstance(ignore, (dict, list)) else None,
        extra={key: value for key, value in entry.items() if key not in _ANNOTATION_KEYS},
    )


def _box(entry: dict[str, Any], rle: Rle, source: Path) -> tuple[float, float, float, float]:
    if "bbox" in entry:
        try:
            x, y, width, height = (float(value) for value in entry["bbox"])
        except (TypeError, ValueError) as error:
            raise DataError(
                "bbox", expected="[x, y, width, height]", actual=entry["bbox"], path=source
            ) from error
        return x, y, x + width, y + height
    x0, y0, x1, y1 = bbox_xyxy(rle_decode(rle))
    return float(x0), float(y0), float(x1), float(y1)


def _rle(segmentation: object, hw: tuple[int, int], source: Path) -> Rle | None:
    if isinstance(segmentation, dict):
        return _checked_rle(segmentation, hw, source)
    if isinstance(segmentation, list):
        return _polygon_rle(segmentation, hw, source)
    if segmentation is None:
        return None
    raise DataError(
        "segmentation", expected="RLE or polygons", actual=type(segmentation).__name__, path=source
    )


def _checked_rle(segmentation: dict[str, Any], hw: tuple[int, int], source: Path) -> Rle:
    size, counts = _value(segmentation, "size", source), _value(segmentation, "counts", source)
    if size != list(hw):
        expected = f"the image's [height, width] {list(hw)}"
        raise DataError("mask size", expected=expected, actual=size, path=source)
    if isinstance(counts, str):
        return {"size": list(hw), "counts": counts}
    try:
        return rle_encode(rle_decode({"size": list(hw), "counts": counts}))
    except InputError as error:
        raise DataError(
            error.what, expected=error.expected, actual=error.actual, path=source
        ) from error


def _polygon_rle(polygons: list[Any], hw: tuple[int, int], source: Path) -> Rle | None:
    mask = np.zeros(hw, bool)
    for polygon in polygons:
        try:
            xy = np.asarray(polygon, np.float64).reshape(-1, 2)
            mask |= fill_polygon(xy, hw)
        except (TypeError, ValueError) as error:  # InputError is a ValueError
            raise DataError(
                "polygon",
                expected="[x0, y0, x1, y1, x2, y2, ...]",
                actual=polygon,
                path=source,
            ) from error
    return rle_encode(mask) if polygons else None
