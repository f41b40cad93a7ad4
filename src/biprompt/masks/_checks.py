"""Masks as given, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError


def _binary(what: str, value: ArrayLike, ndim: int, shape: str) -> NDArray[np.bool_]:
    array: NDArray[Any] = np.asarray(value)
    if array.ndim != ndim or array.dtype.kind not in "bui":
        raise InputError(
            what, expected=f"shape {shape} of bool", actual=f"shape {array.shape} of {array.dtype}"
        )
    return array.astype(np.bool_, copy=False)


def one_mask(mask: ArrayLike) -> NDArray[np.bool_]:
    """Return `mask` as (H, W) bool, H and W at least 1; integers count as set when not 0.

    Raises:
        InputError: another shape, no pixels, or neither bool nor integers.
    """
    array = _binary("mask", mask, 2, "(H, W)")
    if array.size == 0:
        raise InputError("mask", expected="H and W of at least 1", actual=f"shape {array.shape}")
    return array


def mask_stacks(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return two stacks of masks as (M, H, W) and (N, H, W) bool.

    Raises:
        InputError: other shapes, sizes that differ, or neither bool nor integers.
    """
    first, second = _binary("masks", a, 3, "(M, H, W)"), _binary("masks", b, 3, "(N, H, W)")
    if first.shape[1:] != second.shape[1:]:
        raise InputError(
            "masks", expected=f"one size, {first.shape[1:]}", actual=f"{second.shape[1:]}"
        )
    return first, second
