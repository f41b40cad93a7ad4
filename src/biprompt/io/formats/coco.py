"""COCO documents: masks as run lengths with box, area, category and score, and back.

The layout is the "object detection" one of https://cocodataset.org/#format-data; the score is an
extra member of the annotation, as in COCO's result files. pycocotools loads the documents.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import DataError, InputError
from biprompt.masks import area, bbox_xywh, rle_decode, rle_encode

DEFAULT_LABEL = "object"
"""Category of a mask that was asked for without words."""


@dataclass(frozen=True, slots=True, eq=False)
class CocoObject:
    """One mask of a COCO document.

    Attributes:
        mask: `(H, W)` bool, frame of the image.
        label: name of its category.
        score: predicted quality; None where the document has none.
    """

    mask: NDArray[np.bool_]
    label: str
    score: float | None


@dataclass(frozen=True, slots=True, eq=False)
class CocoImage:
    """One image of a COCO document.

    Attributes:
        file_name: as the document has it.
        hw: `(height, width)` in pixels.
        objects: its masks, in the order of the document.
    """

    file_name: str
    hw: tuple[int, int]
    objects: tuple[CocoObject, ...]


def coco_document(
    masks: ArrayLike,
    image_name: str,
    hw: tuple[int, int] | None = None,
    label: str | Sequence[str | None] | None = None,
    score: float | Sequence[float | None] | None = None,
) -> dict[str, Any]:
    """Describe the masks of one image as a COCO document of plain JSON values.

    Every mask becomes one annotation with compressed run lengths, `bbox` `[x, y, width, height]`
    in pixels, and `area` in pixels; ids count from 1, categories in order of first use.

    Args:
        masks: `(H, W)` or `(N, H, W)` bool, frame of the image. N may be 0.
        image_name: the image's `file_name`.
        hw: the `(height, width)` the masks must have; None takes theirs.
        label: category for all masks or one for each; None is `DEFAULT_LABEL`.
        score: score for all masks or one for each; None leaves it out.

    Raises:
        InputError: masks of another shape, dtype or size, a list of another length than the
            masks, an empty label, or a score that is not a finite number.
    """
    stack = _stack(masks, hw)
    labels = [_label(value) for value in _each(label, len(stack), "labels")]
    scores = [_score(value) for value in _each(score, len(stack), "scores")]
    ids = {name: number for number, name in enumerate(dict.fromkeys(labels), start=1)}
    height, width = stack.shape[1:]
    return {
        "info": {"description": "masks made by biprompt"},
        "licenses": [],
        "images": [{"id": 1, "file_name": image_name, "height": height, "width": width}],
        "annotations": [
            _annotation(number, mask, ids[name], value)
            for number, (mask, name, value) in enumerate(
                zip(stack, labels, scores, strict=True), start=1
            )
        ],
        "categories": [{"id": id_, "name": name} for name, id_ in ids.items()],
    }


def coco_json(document: Mapping[str, Any]) -> bytes:
    """Encode a document as UTF-8 JSON with a final line break."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode()


def parse_coco(document: Mapping[str, Any] | bytes | str) -> tuple[CocoImage, ...]:
    """Read the masks of a COCO document whose segmentations are run lengths.

    Args:
        document: the JSON text, or what it decodes to. Run lengths may be compressed or not.

    Returns:
        Its images in order, each with its masks decoded.

    Raises:
        DataError: not JSON, a member is missing or of another kind, an id refers to nothing, or
            the run lengths are damaged or of another size than their image.
    """
    data = _json(document)
    categories = _by_id(data, "categories", "category")
    names = {id_: _get(item, "name", str, "category") for id_, item in categories.items()}
    images = _by_id(data, "images", "image")
    objects: dict[int, list[CocoObject]] = {id_: [] for id_ in images}
    for annotation in _items(data, "annotations"):
        owner = _get(annotation, "image_id", int, "annotation")
        if owner not in images:
            raise _wrong("image_id of an annotation", "the id of an image", owner)
        objects[owner].append(_object(annotation, _hw(images[owner]), names))
    return tuple(
        CocoImage(_get(image, "file_name", str, "image"), _hw(image), tuple(objects[id_]))
        for id_, image in images.items()
    )


def _stack(masks: ArrayLike, hw: tuple[int, int] | None) -> NDArray[np.bool_]:
    array = np.asarray(masks)
    stack: NDArray[Any] = array[None] if array.ndim == 2 else array
    if stack.ndim != 3 or stack.dtype != np.bool_ or 0 in stack.shape[1:]:
        actual = f"shape {array.shape} of {array.dtype}"
        raise InputError("masks", expected="shape (H, W) or (N, H, W) of bool", actual=actual)
    if hw is not None and stack.shape[1:] != tuple(hw):
        raise InputError("mask size", expected=tuple(hw), actual=stack.shape[1:])
    return stack


def _each(value: Any, count: int, what: str) -> list[Any]:
    if value is None or isinstance(value, str) or np.ndim(value) == 0:
        return [value] * count
    values = list(value)
    if len(values) != count:
        raise InputError(what, expected=f"one for each of {count} masks", actual=len(values))
    return values


def _label(value: Any) -> str:
    if value is None:
        return DEFAULT_LABEL
    if not isinstance(value, str) or not value.strip():
        raise InputError("label", expected="a name", actual=repr(value))
    return value


def _score(value: Any) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError("score", expected="a finite number", actual=repr(value))
    return number


def _annotation(
    number: int, mask: NDArray[np.bool_], category: int, score: float | None
) -> dict[str, Any]:
    annotation = {
        "id": number,
        "image_id": 1,
        "category_id": category,
        "segmentation": rle_encode(mask),
        "area": int(area(mask)),
        "bbox": [int(value) for value in bbox_xywh(mask)],
        "iscrowd": 0,
    }
    return annotation if score is None else {**annotation, "score": score}


def _json(document: Mapping[str, Any] | bytes | str) -> Mapping[str, Any]:
    if isinstance(document, bytes | str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise _wrong("COCO document", "JSON", error) from error
    if not isinstance(document, Mapping):
        raise _wrong("COCO document", "a JSON object", type(document).__name__)
    return document


def _items(data: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    for item in _get(data, key, list, "document"):
        if not isinstance(item, Mapping):
            raise _wrong(f"member of {key}", "a JSON object", type(item).__name__)
        yield item


def _by_id(data: Mapping[str, Any], key: str, owner: str) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    for item in _items(data, key):
        id_ = _get(item, "id", int, owner)
        if id_ in found:
            raise _wrong(f"id of the {owner}", "a different one for each", id_)
        found[id_] = item
    return found


def _get(item: Mapping[str, Any], key: str, kind: type, owner: str) -> Any:
    value = item.get(key)
    # JSON's true is a Python int.
    if not isinstance(value, kind) or isinstance(value, bool):
        actual = "nothing" if key not in item else repr(value)
        raise _wrong(f"{key} of the {owner}", kind.__name__, actual)
    return value


def _hw(image: Mapping[str, Any]) -> tuple[int, int]:
    return _get(image, "height", int, "image"), _get(image, "width", int, "image")


def _object(
    annotation: Mapping[str, Any], hw: tuple[int, int], names: Mapping[int, str]
) -> CocoObject:
    category = _get(annotation, "category_id", int, "annotation")
    if category not in names:
        raise _wrong("category_id of an annotation", "the id of a category", category)
    rle = _get(annotation, "segmentation", dict, "annotation")
    if rle.get("size") != list(hw):
        raise _wrong("size of the run lengths", f"that of the image, {list(hw)}", rle.get("size"))
    try:
        mask = rle_decode(rle)
        score = _score(annotation.get("score"))
    except InputError as error:
        raise DataError(error.what, expected=error.expected, actual=error.actual) from error
    return CocoObject(mask, names[category], score)


def _wrong(what: str, expected: object, actual: object) -> DataError:
    return DataError(what, expected=expected, actual=actual)
