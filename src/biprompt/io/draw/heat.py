"""A map of numbers over a photograph, as heat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.geometry import resize_mask_logits

_RAMP = np.array([(20, 20, 90), (150, 30, 120), (235, 90, 40), (255, 225, 80)], np.float32)
"""Colours from none to most; their brightness rises, so that they can be told apart in grey."""
_LEAST, _MOST = 0.35, 0.75
"""How much of the photograph the colour of the least and of the greatest number hides."""


def heat(image: NDArray[np.uint8], values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draw a map over a photograph; its greatest number is the hottest.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        values: `(h, w)` float, 0 or more, stretched over the whole photograph.

    Returns:
        `(H, W, 3)` uint8 RGB.

    Raises:
        InputError: another shape, or a number below 0 or not finite.
    """
    if values.ndim != 2 or not np.isfinite(values).all() or values.min() < 0:
        actual = f"shape {values.shape}"
        raise InputError("map", expected="shape (h, w) of finite numbers >= 0", actual=actual)
    wide = resize_mask_logits(values, (image.shape[0], image.shape[1]))
    share = wide / max(float(wide.max()), float(np.finfo(np.float32).tiny))
    at = np.linspace(0.0, 1.0, len(_RAMP))
    colour = np.stack([np.interp(share, at, channel) for channel in _RAMP.T], axis=-1)
    opacity = (_LEAST + (_MOST - _LEAST) * share)[..., None]
    drawn: NDArray[np.uint8] = np.rint(image * (1 - opacity) + colour * opacity).astype(np.uint8)
    return drawn
