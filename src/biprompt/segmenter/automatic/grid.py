"""Where to click when nothing is asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.masks.window import Window


def point_grid(side: int, window: Window) -> NDArray[np.float64]:
    """Return a regular grid of points in a window.

    Args:
        side: points along each side, at least 1.
        window: in pixels of the image.

    Returns:
        (N, 2) float64 `(x, y)` in pixels of the image, row by row, in the middles of `side` x
        `side` equal fields. In a window narrower than `side` pixels those that fall into one
        pixel are one point.
    """
    (h, w), at = window.hw, (np.arange(side) + 0.5) / side
    columns = np.unique(np.floor(at * w)) + 0.5 if w < side else at * w
    rows = np.unique(np.floor(at * h)) + 0.5 if h < side else at * h
    xy = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    return np.asarray(xy + np.array([window.x0, window.y0]))
