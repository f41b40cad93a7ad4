"""A folder in COCO layout looked through entry by entry before it is trained on.

What cannot be trained on is one line that names the file and the entry: an annotation without a
mask, a polygon of two points, a run-length mask that is damaged or empty, a category without a
name, a name in a wrong encoding, an image that is listed but missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.data.coco import CocoDataset, annotation_file, parse_coco
from biprompt.data.faults import Faults
from biprompt.errors import DataError, InputError
from biprompt.masks import rle_area
from biprompt.training.evf.data.captions import cleaned

_LISTS = ("images", "annotations", "categories")
_LEAST_NUMBERS = 6
"""A polygon has three points at least."""

Entry = dict[str, Any]


def read_checked(folder: str | Path, faults: Faults) -> CocoDataset:
    """Read a folder in COCO layout; what cannot be trained on goes to `faults`.

    Args:
        folder: holds `images/` and `instances.json` or `annotations.json`.
        faults: raises the first fault, or keeps all and leaves their entries out.

    Raises:
        DataError: a fault that is not skipped, or the file as a whole is not what it should be.
    """
    root = Path(folder)
    source = annotation_file(root)
    document = _document(source, faults)
    if all(isinstance(document.get(key), list) for key in _LISTS):
        _drop(document, root, source, faults)
    return parse_coco(document, root, source)


def _document(source: Path, faults: Faults) -> Entry:
    try:
        data = source.read_bytes()
    except OSError as error:
        raise DataError("annotations", expected="JSON", actual=error, path=source) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        actual = f"byte 0x{data[error.start]:02x} at {error.start}"
        faults.report(DataError("annotations", expected="UTF-8", actual=actual, path=source))
        text = data.decode("utf-8-sig", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError("annotations", expected="JSON", actual=error, path=source) from error
    if not isinstance(document, dict):
        actual = type(document).__name__
        raise DataError("annotations", expected="a JSON object", actual=actual, path=source)
    return document


def _drop(document: Entry, root: Path, source: Path, faults: Faults) -> None:
    """Leave out what is faulty, and annotations of what was left out."""
    listed = {key: _numbers(document[key]) for key in ("images", "categories")}

    def kept(key: str, check: Callable[[Entry], None]) -> list[Any]:
        def entries(entry: Any) -> Iterator[Any]:
            try:
                if isinstance(entry, dict):  # parse_coco says what else it is
                    check(entry)
            except InputError as error:
                raise _placed(error, _called(key, entry), source) from error
            yield entry

        return list(faults.each(document[key], entries))

    document["categories"] = kept("categories", _check_category)
    document["images"] = kept("images", lambda entry: _check_image(entry, root))
    gone = {key: numbers - _numbers(document[key]) for key, numbers in listed.items()}
    document["annotations"] = [
        entry
        for entry in document["annotations"]
        if gone["images"].isdisjoint(_number(entry, "image_id"))
        and gone["categories"].isdisjoint(_number(entry, "category_id"))
    ]
    hws = {n: [e.get("height"), e.get("width")] for e in document["images"] for n in _number(e)}
    document["annotations"] = kept("annotations", lambda entry: _check_mask(entry, hws))


def _numbers(entries: list[Any]) -> set[int]:
    return {number for entry in entries for number in _number(entry)}


def _number(entry: Any, key: str = "id") -> tuple[int, ...]:
    """The number under a key, or none where it is no number."""
    number = entry.get(key) if isinstance(entry, dict) else None
    return (number,) if isinstance(number, int) else ()


def _called(key: str, entry: Any) -> str:
    number = entry.get("id", "without id") if isinstance(entry, dict) else "that is no object"
    return f"{'category' if key == 'categories' else key[:-1]} {number}"


def _placed(error: InputError, entry: str, source: Path) -> DataError:
    what = f"{entry}: {error.what}"
    return DataError(what, expected=error.expected, actual=error.actual, path=error.path or source)


def _check_category(entry: Entry) -> None:
    if "name" not in entry:
        raise DataError("name", expected="a name", actual="none")
    entry["name"] = cleaned(entry["name"], "name")


def _check_image(entry: Entry, root: Path) -> None:
    path = root / "images" / str(entry.get("file_name", ""))
    if entry.get("file_name") and not path.is_file():
        raise DataError("file", expected="to be there", actual="nothing", path=path)


def _check_mask(entry: Entry, hws: dict[int, list[Any]]) -> None:
    mask = entry.get("segmentation")
    if not mask:
        raise DataError("mask", expected="polygons or run lengths", actual="none")
    if isinstance(mask, dict):
        _check_run_lengths(mask, *(hws[n] for n in _number(entry, "image_id") if n in hws))
    elif isinstance(mask, list):
        for polygon in mask:
            _check_polygon(polygon)
    else:
        actual = type(mask).__name__
        raise DataError("mask", expected="polygons or run lengths", actual=actual)


def _check_run_lengths(mask: Entry, hw: list[Any] | None = None) -> None:
    if hw is not None and mask.get("size") != hw:
        expected = f"the image's [height, width] {hw}"
        raise DataError("mask size", expected=expected, actual=mask.get("size"))
    if not rle_area({"size": mask.get("size"), "counts": mask.get("counts")}):
        raise DataError("mask", expected="some pixels", actual="none")


def _check_polygon(polygon: Any) -> None:
    try:
        numbers = np.asarray(polygon, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("polygon", expected="numbers", actual=repr(polygon)) from error
    if numbers.ndim != 1 or numbers.size % 2 or not np.isfinite(numbers).all():
        raise DataError("polygon", expected="[x0, y0, x1, y1, ...]", actual=repr(polygon))
    if numbers.size < _LEAST_NUMBERS:
        raise DataError("polygon", expected="at least 3 points", actual=numbers.size // 2)
