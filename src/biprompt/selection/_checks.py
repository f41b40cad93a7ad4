"""Checks that the parts of the gate share; every failure is an InputError."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Weights = tuple[float, float, float]


def _numbers(what: str, values: object) -> FloatArray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(what, expected="finite numbers", actual=repr(values)) from None
    if not np.isfinite(array).all():
        raise InputError(what, expected="finite numbers", actual=array.tolist())
    return array


def number(what: str, value: object) -> float:
    """Return one finite number."""
    array = _numbers(what, value)
    if array.ndim:
        raise InputError(what, expected="one number", actual=f"shape {array.shape}")
    return float(array)


def unit(what: str, value: object) -> float:
    """Return one number from 0 to 1."""
    result = number(what, value)
    if not 0.0 <= result <= 1.0:
        raise InputError(what, expected="a number from 0 to 1", actual=value)
    return result


def row(what: str, values: object, length: int | None = None) -> FloatArray:
    """Return a finite (N,) float64 array, of the given length where one is given."""
    array = _numbers(what, values)
    if array.ndim != 1 or (length is not None and array.size != length):
        expected = f"shape ({'N' if length is None else length},)"
        raise InputError(what, expected=expected, actual=f"shape {array.shape}")
    return array


def weights(values: Sequence[float]) -> Weights:
    """Return three weights, none negative."""
    array = row("weights", values, 3)
    if (array < 0).any():
        raise InputError("weights", expected="none below zero", actual=array.tolist())
    return float(array[0]), float(array[1]), float(array[2])


def masks(values: npt.ArrayLike) -> BoolArray:
    """Return (K, H, W) bool candidates with at least one pixel each; K may be 0."""
    array = np.asarray(values)
    if array.ndim != 3 or array.dtype != np.bool_ or 0 in array.shape[1:]:
        actual = f"shape {array.shape} of {array.dtype}"
        raise InputError("candidate masks", expected="shape (K, H, W) of bool", actual=actual)
    return array


def text_mask(value: npt.ArrayLike, hw: tuple[int, ...]) -> BoolArray:
    """Return a (H, W) bool mask of the size of the candidates."""
    array = np.asarray(value)
    if array.dtype != np.bool_ or array.shape != hw:
        actual = f"shape {array.shape} of {array.dtype}"
        raise InputError("text mask", expected=f"shape {hw} of bool", actual=actual)
    return array
