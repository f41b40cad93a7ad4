"""JSON files of data sets, taken apart with errors that name the file and the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError


def read_json(path: Path, kind: type[dict[str, Any]] | type[list[Any]] = dict) -> Any:
    """Read a JSON file whose outermost value is a dict or a list.

    Raises:
        DataError: it cannot be read, is no JSON, or holds something else.
    """
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError("annotations", expected="JSON", actual=error, path=path) from error
    if not isinstance(document, kind):
        expected = "a JSON object" if kind is dict else "a JSON list"
        raise DataError("annotations", expected=expected, actual=type(document).__name__, path=path)
    return document


def value(entry: object, key: str, path: Path) -> Any:
    """Return a member of an object read from a file.

    Raises:
        DataError: the file holds something else there, or an object without that member.
    """
    if isinstance(entry, dict) and key in entry:
        return entry[key]
    found = ", ".join(map(str, entry)) if isinstance(entry, dict) else type(entry).__name__
    raise DataError(f"key {key!r}", expected="to be present", actual=f"only {found}", path=path)


def whole(entry: object, key: str, path: Path) -> int:
    """Return a member that is a whole number.

    Raises:
        DataError: as in `value`, or it is no whole number.
    """
    number = value(entry, key, path)
    if isinstance(number, bool) or not isinstance(number, int):
        raise DataError(f"key {key!r}", expected="a whole number", actual=repr(number), path=path)
    return number


def listed(entry: object, key: str, path: Path) -> list[Any]:
    """Return a member that is a list.

    Raises:
        DataError: as in `value`, or it is no list.
    """
    items = value(entry, key, path)
    if not isinstance(items, list):
        raise DataError(f"key {key!r}", expected="a list", actual=type(items).__name__, path=path)
    return items


def size_of(entry: object, path: Path) -> tuple[int, int]:
    """Return (height, width) of an image's entry.

    Raises:
        DataError: one of them is missing or below 1.
    """
    hw = whole(entry, "height", path), whole(entry, "width", path)
    if min(hw) < 1:
        raise DataError("image size", expected="height and width >= 1", actual=hw, path=path)
    return hw


def corners(points: object, path: Path) -> NDArray[np.float64]:
    """Return an outline as (N, 2) float64 from [[x, y], ...] or [x0, y0, x1, y1, ...].

    Raises:
        DataError: it is neither.
    """
    try:
        return np.asarray(points, np.float64).reshape(-1, 2)
    except (TypeError, ValueError) as error:
        expected = "corners [[x, y], ...] or [x0, y0, x1, y1, ...]"
        raise DataError("polygon", expected=expected, actual=repr(points), path=path) from error
