"""Boxes as guidance: the crop, and the map of the distance to the box's edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError, PromptError
from biprompt.guidance.seeds import Hw, Map, checked_hw
from biprompt.prompts import Box

ON_THE_EDGE = 128.0
"""What eq. 11 gives to the edge of the box."""


def crop_to_box(image: NDArray[np.generic], box: ArrayLike) -> NDArray[np.generic]:
    """Return the pixels that a box touches: survey, eq. 10.

    Args:
        image: (H, W) or (H, W, C).
        box: (4,) xyxy in pixels of the image, see `prompts.Box`.

    Returns:
        (h, w) or (h, w, C), a view; its corner is pixel (floor(x0), floor(y0)) of the image.

    Raises:
        InputError: an image of another shape.
        PromptError: a malformed box, or one that is not inside the image.
    """
    if image.ndim not in (2, 3):
        expected = "shape (H, W) or (H, W, C)"
        raise InputError("image", expected=expected, actual=f"shape {image.shape}")
    left, top, right, bottom = _pixels(box, (image.shape[0], image.shape[1]))
    return image[top : bottom + 1, left : right + 1]


def box_distance_map(box: ArrayLike, hw: Hw) -> Map:
    """Return 128 on the edge of a box, less inside, more outside: survey, eq. 11 (Deep GrabCut).

    The edge pixels S_e are the outermost of the pixels that the box touches. Distances are exact
    and not cut off: Deep GrabCut stores them in a byte, so clip to [0, 255] to have its map.

    Args:
        box: (4,) xyxy in pixels of the image.
        hw: height and width of the image.

    Returns:
        (H, W) float32: 128 minus (inside) or plus (outside) the distance in pixels to the nearest
        edge pixel.

    Raises:
        InputError: a side below 1.
        PromptError: a malformed box, or one that is not inside the image.
    """
    h, w = checked_hw(hw)
    left, top, right, bottom = _pixels(box, (h, w))
    x, y = np.arange(w, dtype=np.float64), np.arange(h, dtype=np.float64)[:, None]
    across, down = np.minimum(x - left, right - x), np.minimum(y - top, bottom - y)
    outside = np.hypot(np.maximum(-across, 0.0), np.maximum(-down, 0.0))
    inside = np.maximum(np.minimum(across, down), 0.0)
    return (ON_THE_EDGE + outside - inside).astype(np.float32)


def _pixels(box: ArrayLike, hw: Hw) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels that a box touches, the last ones included."""
    xyxy = Box(box).xyxy
    h, w = hw
    if not (xyxy[:2] >= 0).all() or not (xyxy[2:] <= (w, h)).all():
        expected = f"inside 0, 0, {w}, {h}"
        raise PromptError("box", expected=expected, actual=f"{xyxy.tolist()}")
    left, top = np.floor(xyxy[:2]).astype(int).tolist()
    right, bottom = (np.ceil(xyxy[2:]).astype(int) - 1).tolist()
    return left, top, right, bottom
