"""Is a picture a mask: black and one other colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError

NOISE = 1 / 8
"""How far a value may lie from black or from the mask's colour, as a share of the brightest."""

MOST_BETWEEN = 0.08
"""Largest share of the pixels farther away than that: a JPEG's noise, or smoothed edges. Masks
in white saved as JPEG stay under it down to quality 10, photographs lie above 0.1."""

_FEW = 4
_EXPECTED = "black and one other colour, as white on black"


def two_valued(values: NDArray[Any], *, lossy: bool, path: str | None) -> NDArray[np.bool_]:
    """Return where a picture of two values is not black.

    Args:
        values: ``(H, W, C)`` finite numbers from 0; what is 0 in all channels is black.
        lossy: whether the file's format makes noise: of a lossless one, 3 or 4 values are labels.
        path: the file, for the error message.

    Returns:
        ``(H, W)`` bool: nearer to the mask's colour than to black.

    Raises:
        ImageError: other values than these two, beyond `NOISE` and `MOST_BETWEEN`.
    """
    brightness = values.max(axis=2)
    top = float(brightness.max())
    shown: NDArray[np.bool_] = brightness > top / 2
    colours = _colours(values, 2 if lossy else _FEW + 1)
    if 2 < colours <= _FEW:
        raise ImageError("mask", expected=_EXPECTED, actual=f"{colours} colours", path=path)
    between = _between(values, shown, top) if shown.any() else 0.0
    if between > MOST_BETWEEN:
        actual = f"{between:.0%} of the pixels in other colours"
        raise ImageError("mask", expected=_EXPECTED, actual=actual, path=path)
    return shown


def _colours(values: NDArray[Any], most: int) -> int:
    """Count the colours, up to `most`."""
    left, found = values.reshape(-1, values.shape[2]), 0
    while len(left) and found < most:
        left, found = left[(left != left[0]).any(axis=1)], found + 1
    return found


def _between(values: NDArray[Any], shown: NDArray[np.bool_], top: float) -> float:
    """Share of the pixels that are near neither black nor the usual colour of what is shown."""
    colour = np.median(values[shown], axis=0)
    near = ((values >= colour - top * NOISE) & (values <= colour + top * NOISE)).all(axis=2)
    return 1.0 - float((near | (values.max(axis=2) <= top * NOISE)).mean())
