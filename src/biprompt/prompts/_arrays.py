"""From anything array-like to checked, read-only arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError, one_line

MAX_COORDINATE = 2.0**31


def describe(value: object) -> str:
    """Return the shape and dtype of an array, or the value itself."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape} of {value.dtype}"
    return f"{type(value).__name__} {one_line(value, 60)}"


def as_array(what: str, value: object, expected: str) -> NDArray[Any]:
    """Return `value` as an array of numbers or booleans.

    Raises:
        PromptError: ragged, text, objects, or anything else that is not an array of numbers.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise PromptError(what, expected=expected, actual=f"{type(value).__name__}") from error
    if array.dtype.kind not in "biuf":
        raise PromptError(what, expected=expected, actual=describe(value))
    return array


def frozen(array: NDArray[Any], dtype: type[np.generic]) -> NDArray[Any]:
    """Return a read-only C-contiguous copy of `array` with `dtype`."""
    copy = np.array(array, dtype=dtype, order="C", copy=True)
    copy.flags.writeable = False
    return copy


def coordinates(what: str, value: object, shape: str) -> NDArray[np.float64]:
    """Return `value` as finite float64 coordinates, read-only.

    Raises:
        PromptError: not numbers, or NaN, infinite or beyond MAX_COORDINATE.
    """
    array = as_array(what, value, f"an array of numbers {shape}")
    if array.dtype.kind == "b":
        raise PromptError(what, expected=f"numbers {shape}", actual=describe(array))
    bad = ~(np.abs(array.astype(np.float64)) <= MAX_COORDINATE)
    if bad.any():
        raise PromptError(
            what, expected="finite coordinates in pixels", actual=f"{array[bad].flat[0]}"
        )
    return frozen(array, np.float64)


def path_xy(what: str, value: object, least: int, most: int) -> NDArray[np.float64]:
    """Return `value` as (N, 2) coordinates with `least` <= N <= `most`.

    Raises:
        PromptError: not finite numbers, another shape, too few or too many.
    """
    array = coordinates(what, value, "of shape (N, 2)")
    if array.ndim != 2 or array.shape[1] != 2:
        raise PromptError(what, expected="shape (N, 2), rows of x, y", actual=describe(array))
    if not least <= len(array) <= most:
        raise PromptError(what, expected=f"{least} to {most} points", actual=f"{len(array)}")
    return array


def binary_mask(what: str, value: object) -> NDArray[np.bool_]:
    """Return `value` as a read-only (H, W) bool mask that is not empty.

    Raises:
        PromptError: not (H, W), values other than bool, 0 and 1, or 0 and 255, or nothing set.
    """
    array = as_array(what, value, "an array of shape (H, W)")
    if array.ndim != 2 or 0 in array.shape:
        raise PromptError(what, expected="shape (H, W)", actual=describe(array))
    mask = array if array.dtype.kind == "b" else array != 0
    if array.dtype.kind != "b":
        top = array.max()
        if top not in (0, 1, 255) or not np.array_equal(array, mask * top):
            raise PromptError(
                what,
                expected="bool, 0 and 1, or 0 and 255",
                actual=f"{array.dtype} from {array.min()} to {top}",
            )
    if not mask.any():
        raise PromptError(what, expected="at least one pixel set", actual="an empty mask")
    return frozen(mask, np.bool_)
