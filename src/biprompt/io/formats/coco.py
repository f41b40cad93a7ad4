"""COCO documents: masks as run lengths with box, area, category and score, and back.

The layout is the "object detection" one of https://cocodataset.org/#format-data; the score is an
extra member of the annotation, as in COCO's result files. pycocotools loads the documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from biprompt.io.formats import _json
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.masks import rle_bbox

_NO_NUMBER = (int, float, type(None))


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Write a COCO document. Run lengths are exact: a tolerance changes nothing."""
    return Written((ExportedFile(".json", _json.to_json(coco_document([image]))),))


def coco_document(images: Sequence[LabelledImage]) -> dict[str, Any]:
    """Describe the masks of images as a COCO document of plain JSON values.

    Every mask becomes one annotation with compressed run lengths, `bbox` `[x, y, width, height]`
    in pixels, and `area` in pixels; ids count from 1, categories in order of first use.
    """
    labels = [thing.label for image in images for thing in image.objects]
    ids = {name: number for number, name in enumerate(dict.fromkeys(labels), start=1)}
    annotations: list[dict[str, Any]] = []
    for owner, image in enumerate(images, start=1):
        for thing in image.objects:
            about = {"id": len(annotations) + 1, "image_id": owner}
            annotations.append({**about, **annotation_entry(thing, ids[thing.label])})
    return {
        "info": {"description": "masks made by biprompt"},
        "licenses": [],
        "images": [image_entry(number, image) for number, image in enumerate(images, start=1)],
        "annotations": annotations,
        "categories": [{"id": id_, "name": name} for name, id_ in ids.items()],
    }


def image_entry(number: int, image: LabelledImage) -> dict[str, Any]:
    """Return the member of `images` that describes an image, under this id."""
    height, width = image.hw
    return {"id": number, "file_name": image.file_name, "height": height, "width": width}


def annotation_entry(thing: LabelledMask, category: int) -> dict[str, Any]:
    """Return the member of `annotations` that describes a mask, without its ids but the category's.

    A data set too large for `coco_document` is put together from these.
    """
    annotation = {
        "category_id": category,
        "segmentation": thing.rle,
        "area": thing.area,
        "bbox": rle_bbox(thing.rle),
        "iscrowd": 0,
    }
    return annotation if thing.score is None else {**annotation, "score": thing.score}


def parse_coco(document: Mapping[str, Any] | bytes | str) -> tuple[LabelledImage, ...]:
    """Read the masks of a COCO document.

    Args:
        document: the JSON text, or what it decodes to. Segmentations are run lengths, compressed
            or not, or lists of polygons, which are filled by pixel centres.

    Returns:
        Its images in order, each with its masks in the order of the document.

    Raises:
        DataError: not JSON, a member is missing or of another kind, an id refers to nothing, or
            a mask is damaged or of another size than its image.
    """
    data = _json.from_json(document, "COCO document")
    categories = _by_id(data, "categories", "category")
    names = {id_: _json.member(item, "name", str, "category") for id_, item in categories.items()}
    images = _by_id(data, "images", "image")
    sizes = {id_: _json.size(item, "height", "width", "image") for id_, item in images.items()}
    objects: dict[int, list[LabelledMask]] = {id_: [] for id_ in images}
    for annotation in _json.members(data, "annotations", "document"):
        owner = _json.member(annotation, "image_id", int, "annotation")
        if owner not in images:
            raise _json.wrong("image_id of an annotation", "the id of an image", owner)
        objects[owner].append(_object(annotation, sizes[owner], names))
    return tuple(
        LabelledImage(
            _json.member(image, "file_name", str, "image"), sizes[id_], tuple(objects[id_])
        )
        for id_, image in images.items()
    )


def _by_id(data: Mapping[str, Any], key: str, owner: str) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for item in _json.members(data, key, "document"):
        id_ = _json.member(item, "id", int, owner)
        if id_ in found:
            raise _json.wrong(f"id of the {owner}", "a different one for each", id_)
        found[id_] = item
    return found


def _object(
    annotation: Mapping[str, Any], hw: tuple[int, int], names: Mapping[int, str]
) -> LabelledMask:
    category = _json.member(annotation, "category_id", int, "annotation")
    if category not in names:
        raise _json.wrong("category_id of an annotation", "the id of a category", category)
    shape = _json.member(annotation, "segmentation", (dict, list), "annotation")
    score = _json.member(annotation, "score", _NO_NUMBER, "annotation")
    if isinstance(shape, list):
        mask = _json.filled([[_pairs(polygon)] for polygon in shape], hw)
        return _json.labelled(mask, names[category], score=score)
    if shape.get("size") != list(hw):
        expected = f"that of the image, {list(hw)}"
        raise _json.wrong("size of the run lengths", expected, shape.get("size"))
    with _json.as_data_error():
        return LabelledMask(names[category], shape, score=score)


def _pairs(polygon: Any) -> list[list[Any]]:
    if not isinstance(polygon, list) or len(polygon) % 2:
        raise _json.wrong("polygon", "[x, y, x, y, x, y, ...]", repr(polygon))
    return [polygon[i : i + 2] for i in range(0, len(polygon), 2)]
