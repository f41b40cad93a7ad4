"""Take JSON documents apart with one DataError for everything that can be wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError, InputError
from biprompt.io.formats.objects import LabelledMask
from biprompt.masks import MAX_MASK_PIXELS
from biprompt.masks.polygon import fill_window

Document = Mapping[str, Any]


def to_json(document: Document) -> bytes:
    """Encode a document as UTF-8 JSON with a final line break."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode()


def from_json(document: Document | bytes | str, what: str) -> Document:
    """Decode a JSON object; what is decoded already is returned as it is."""
    if isinstance(document, bytes | str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise wrong(what, "JSON", error) from error
    if not isinstance(document, Mapping):
        raise wrong(what, "a JSON object", type(document).__name__)
    return document


def member(item: Document, key: str, kind: type | tuple[type, ...], owner: str) -> Any:
    """Return a member of a JSON object; None where it may be that and is missing."""
    value = item.get(key)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    # JSON's true is a Python int.
    if not isinstance(value, kinds) or isinstance(value, bool):
        expected = " or ".join("nothing" if k is type(None) else k.__name__ for k in kinds)
        actual = "nothing" if key not in item else repr(value)
        raise wrong(f"{key} of the {owner}", expected, actual)
    return value


def members(item: Document, key: str, owner: str) -> Iterator[Document]:
    """Return the JSON objects of a list that is a member."""
    for value in member(item, key, list, owner):
        if not isinstance(value, Mapping):
            raise wrong(f"member of {key}", "a JSON object", type(value).__name__)
        yield value


def size(item: Document, height: str, width: str, owner: str) -> tuple[int, int]:
    """Return (height, width) from the members of these names."""
    hw = member(item, height, int, owner), member(item, width, int, owner)
    if min(hw) < 1 or hw[0] * hw[1] > MAX_MASK_PIXELS:
        expected = f"height and width of at least 1, at most {MAX_MASK_PIXELS} pixels"
        raise wrong(f"size of the {owner}", expected, f"{hw[0]} x {hw[1]}")
    return hw


def filled(polygons: Sequence[Sequence[Any]], hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the mask of polygons, each a list of rings of [x, y]; they may overlap."""
    mask = np.zeros(hw, np.bool_)
    for rings in polygons:
        with as_data_error():
            rows, columns, inside = fill_window([_ring(ring) for ring in rings], hw)
        mask[rows, columns] |= inside
    return mask


def labelled(mask: Any, label: Any, **more: Any) -> LabelledMask:
    """Return a labelled mask, with a DataError for values that are none."""
    with as_data_error():
        return LabelledMask.of(mask, label, **more)


@contextmanager
def as_data_error() -> Iterator[None]:
    """Say of every InputError that it is the document's."""
    try:
        yield
    except DataError:
        raise
    except InputError as error:
        raise DataError(error.what, expected=error.expected, actual=error.actual) from error


def wrong(what: str, expected: object, actual: object) -> DataError:
    """Build the error for a value that is not what it should be."""
    return DataError(what, expected=expected, actual=actual)


def _ring(ring: Any) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.array(ring)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "iuf":
        raise wrong("polygon", "[[x, y], [x, y], [x, y], ...]", repr(ring))
    return array
