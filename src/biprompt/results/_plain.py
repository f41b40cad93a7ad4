"""Checks and plain JSON numbers that the answers share."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError

BoolArray = npt.NDArray[np.bool_]
_DECIMALS = 6


def number(value: float | None) -> float | None:
    """Return a plain float of six decimals, or None for None, NaN and infinity."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), _DECIMALS)


def check_mask(what: str, mask: npt.NDArray[np.bool_]) -> None:
    """Raise InputError unless `mask` is (H, W) bool with at least one pixel."""
    if mask.ndim != 2 or mask.dtype != np.bool_ or 0 in mask.shape:
        actual = f"shape {mask.shape} of {mask.dtype}"
        raise InputError(what, expected="shape (H, W) of bool", actual=actual)
