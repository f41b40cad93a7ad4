"""COCO run lengths: column by column, first the zeros, packed into a printable string.

The string holds each run as a little-endian signed number in groups of 5 bits, 48 added to make
it printable, bit 6 set where more groups follow. From the fourth run on, the difference to the
run two before is stored. This is the format of pycocotools' compressed `counts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import DataError
from biprompt.masks._checks import one_mask

MAX_MASK_PIXELS = 2**30
_BITS = 5
_MORE = 0x20
_SIGN = 0x10
_LOW = 0x1F
_BASE = 48
# Seven groups hold every difference of two runs of at most MAX_MASK_PIXELS pixels.
_MAX_GROUPS = 7
_MANY = 64
"""With one change in so many pixels, those who work change by change are slower."""
_LARGE = 2**20
"""Pixels of a mask that no longer fits a processor's cache, where turning it becomes slow."""


class Rle(TypedDict):
    """A mask as COCO run lengths.

    Attributes:
        size: [height, width].
        counts: the compressed string.
    """

    size: list[int]
    counts: str


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the run lengths in column order; the first counts zeros and may be 0."""
    changes = _changes(mask)
    starts = np.concatenate(([0], changes)) if not mask[0, 0] else np.concatenate(([0, 0], changes))
    return np.diff(starts, append=mask.size)


def _changes(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where the next pixel in column order differs from the one before."""
    height = mask.shape[0]
    down = np.flatnonzero(mask[1:] != mask[:-1])
    if down.size > mask.size // _MANY:
        flat = mask.ravel(order="F")
        return np.flatnonzero(flat[1:] != flat[:-1]) + 1
    # Comparing rows and sorting the few changes takes a tenth of the time of turning the mask.
    rows, columns = np.divmod(down, mask.shape[1])
    over = 1 + np.flatnonzero(mask[0, 1:] != mask[-1, :-1])
    return np.sort(np.concatenate([columns * height + rows + 1, over * height]))


def _pack(runs: NDArray[np.int64]) -> str:
    values = runs.copy()
    values[3:] -= runs[1:-2]
    # A number needs k groups when it fits in 5 k bits with its sign.
    magnitude = np.where(values < 0, ~values, values)
    limits = np.int64(1) << (_BITS * np.arange(1, _MAX_GROUPS) - 1)
    groups = 1 + np.searchsorted(limits, magnitude, side="right")
    place = np.arange(groups.max())
    chunks = (values[:, None] >> (_BITS * place)) & _LOW
    chunks |= np.where(place < groups[:, None] - 1, _MORE, 0)
    chosen = chunks[place < groups[:, None]] + _BASE
    return str(chosen.astype(np.uint8).tobytes(), "ascii")


def _damaged(actual: object) -> DataError:
    return DataError("RLE counts", expected="a COCO run-length string", actual=actual)


def _unpack(text: str | bytes) -> NDArray[np.int64]:
    try:
        raw = text if isinstance(text, bytes) else text.encode("ascii")
    except UnicodeEncodeError as error:
        raise _damaged(f"{text[error.start]!r}") from error
    codes = np.frombuffer(raw, np.uint8).astype(np.int64) - _BASE
    if codes.size == 0 or codes.min() < 0 or codes.max() >= 2 * _MORE:
        raise _damaged("an empty string" if codes.size == 0 else "characters outside '0' to 'o'")
    last = (codes & _MORE) == 0
    ends = np.flatnonzero(last)
    starts = np.concatenate(([0], ends[:-1] + 1)) if ends.size else ends
    groups = ends - starts + 1
    if not last[-1] or groups.max() > _MAX_GROUPS:
        raise _damaged("a string cut off" if not last[-1] else "a number too large")
    place = np.arange(codes.size) - np.repeat(starts, groups)
    values = np.add.reduceat((codes & _LOW) << (_BITS * place), starts)
    values -= np.where(codes[ends] & _SIGN, np.int64(1) << (_BITS * groups), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _size(size: Any) -> tuple[int, int]:
    sides = list(size) if isinstance(size, (list, tuple, np.ndarray)) else []
    whole = all(isinstance(side, (int, np.integer)) and side > 0 for side in sides)
    if len(sides) != 2 or not whole or int(sides[0]) * int(sides[1]) > MAX_MASK_PIXELS:
        raise DataError(
            "RLE size",
            expected=f"[height, width], at most {MAX_MASK_PIXELS} pixels",
            actual=repr(size),
        )
    return int(sides[0]), int(sides[1])


def _listed(counts: object) -> NDArray[np.int64]:
    try:
        runs = np.asarray(counts)
    except (TypeError, ValueError) as error:
        raise DataError("RLE counts", expected="whole numbers", actual=repr(counts)) from error
    if runs.ndim != 1 or runs.dtype.kind not in "ui":
        raise DataError("RLE counts", expected="a string or whole numbers", actual=repr(counts))
    return runs.astype(np.int64)


def rle_encode(mask: ArrayLike) -> Rle:
    """Return a mask as COCO run lengths, as pycocotools writes them.

    Args:
        mask: (H, W) bool, H and W at least 1.

    Returns:
        {"size": [H, W], "counts": str}, ready for JSON.

    Raises:
        InputError: another shape or dtype.
    """
    array = one_mask(mask)
    return {"size": [array.shape[0], array.shape[1]], "counts": _pack(_runs(array))}


def rle_of_changes(changes: NDArray[np.int64], hw: tuple[int, int]) -> Rle:
    """Return COCO run lengths from the places, in column order, where the mask changes.

    Args:
        changes: ascending, from 0; the first is where the first one stands, 0 for the very first
            pixel.
        hw: height and width.
    """
    runs = np.diff(changes, prepend=0, append=hw[0] * hw[1])
    return {"size": [hw[0], hw[1]], "counts": _pack(runs)}


def rle_decode(rle: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Return the (H, W) bool mask of COCO run lengths.

    Args:
        rle: {"size": [H, W], "counts": str, bytes, or a list of run lengths}.

    Raises:
        DataError: not that, damaged, over MAX_MASK_PIXELS, or runs that do not add up to H * W.
    """
    h, w, runs = _checked(rle)
    if h * w < _LARGE or h > w * _MANY or runs.size > h * w // _MANY:
        ones = np.arange(runs.size) % 2 == 1
        return np.ascontiguousarray(np.repeat(ones, runs).reshape(w, h).T)
    return _filled_by_rows(np.cumsum(runs)[:-1], h, w)


def _filled_by_rows(changes: NDArray[np.int64], h: int, w: int) -> NDArray[np.bool_]:
    """Return the mask of the places where runs end, in a tenth of the time of turning one."""
    columns, rows = np.divmod(changes[changes < h * w], h)
    mask = np.zeros((h, w), np.bool_)
    np.logical_xor.at(mask, (rows, columns), True)
    # Whether a column begins inside a run.
    mask[0] ^= np.searchsorted(changes, np.arange(w) * h) % 2 == 1
    for above, row in pairwise(mask):
        row ^= above
    return mask


def rle_area(rle: Mapping[str, Any]) -> int:
    """Return the number of pixels that COCO run lengths set, without making the mask.

    Raises:
        DataError: as in `rle_decode`.
    """
    return int(_checked(rle)[2][1::2].sum())


def rle_bbox(rle: Mapping[str, Any]) -> list[int]:
    """Return the smallest box around COCO run lengths, without making the mask.

    Returns:
        [x, y, width, height] in pixels, as `bbox_xywh`; an empty mask gives [0, 0, 0, 0].

    Raises:
        DataError: as in `rle_decode`.
    """
    h, _, runs = _checked(rle)
    ends = np.cumsum(runs)
    first, last = (ends - runs)[1::2], ends[1::2] - 1
    there = last >= first
    if not there.any():
        return [0, 0, 0, 0]
    first, last = first[there], last[there]
    x0, x1 = int(first[0] // h), int(last[-1] // h)
    if np.any(
        first // h != last // h
    ):  # a run over the foot of a column begins the next at its top
        return [x0, 0, x1 - x0 + 1, h]
    y0, y1 = int((first % h).min()), int((last % h).max())
    return [x0, y0, x1 - x0 + 1, y1 - y0 + 1]


def _checked(rle: Mapping[str, Any]) -> tuple[int, int, NDArray[np.int64]]:
    """Return height, width and run lengths."""
    if not isinstance(rle, Mapping):
        raise DataError("RLE", expected="an object with size and counts", actual=repr(rle))
    h, w = _size(rle.get("size"))
    counts = rle.get("counts")
    runs = _unpack(counts) if isinstance(counts, (str, bytes)) else _listed(counts)
    if runs.size == 0 or runs.min() < 0 or runs.max() > h * w or int(runs.sum()) != h * w:
        raise DataError(
            "RLE counts",
            expected=f"runs of 0 or more that add up to {h} x {w} = {h * w}",
            actual=f"{runs.size} runs that add up to {runs.sum()}",
        )
    return h, w, runs
