"""Colours as people see their differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
"""Linear sRGB to CIE XYZ, IEC 61966-2-1."""
_WHITE = _TO_XYZ.sum(1)
"""D65, as sRGB's white has it."""


def lab(image: ArrayLike) -> NDArray[np.float64]:
    """Return an image in CIELAB under D65.

    Args:
        image: (H, W, 3) uint8 sRGB.

    Returns:
        (H, W, 3): L from 0 to 100, a and b about -110 to 110.

    Raises:
        InputError: another shape or dtype.
    """
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        actual = f"shape {pixels.shape} of {pixels.dtype}"
        raise InputError("image", expected="shape (H, W, 3) of uint8", actual=actual)
    code = np.arange(256) / 255.0
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    xyz = linear[pixels] @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)
