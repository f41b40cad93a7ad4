"""Where to look closer: layers of overlapping windows (Segment Anything, appendix B)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from biprompt.masks.window import Window
from biprompt.segmenter.automatic.settings import Automatic

LEAST_SIDE = 32
"""Pixels of a window's shorter side below which looking closer shows nothing more."""


@dataclass(frozen=True, slots=True)
class Look:
    """One window that is looked at by itself.

    Attributes:
        window: in pixels of the image.
        layer: 0 for the whole image.
        grid: clicks along each side.
    """

    window: Window
    layer: int
    grid: int


def looks(hw: tuple[int, int], settings: Automatic) -> list[Look]:
    """Return the windows to look at: the whole image, then the layers.

    Layer i has 2^i x 2^i windows of one size. Where they overlap, they do by `window_overlap` of
    the image's shorter side over 2^(i - 1) at least; the last ones end with the image.

    Args:
        hw: height and width of the image.
        settings: the grid, the layers and the overlap.
    """
    found = [Look(Window.whole(hw), 0, settings.grid)]
    for layer in range(1, settings.layers + 1):
        parts = 2**layer
        overlap = int(settings.window_overlap * min(hw) * 2 / parts)
        h, w = (_side(length, parts, overlap) for length in hw)
        if min(h, w) < LEAST_SIDE:
            break
        grid = max(1, round(settings.grid / parts))
        found += [
            Look(Window(x, y, x + w, y + h), layer, grid)
            for y in _starts(hw[0], h, parts)
            for x in _starts(hw[1], w, parts)
        ]
    return found


def _side(length: int, parts: int, overlap: int) -> int:
    """Length of each of `parts` windows that cover `length` and overlap by `overlap`."""
    return min(length, ceil((overlap * (parts - 1) + length) / parts))


def _starts(length: int, side: int, parts: int) -> list[int]:
    if parts == 1 or side == length:
        return [0]
    return [round(place * (length - side) / (parts - 1)) for place in range(parts)]


def is_cut(mask: NDArray[np.bool_], window: Window, hw: tuple[int, int]) -> bool:
    """Whether a mask of a window ends at an edge of the window that is not one of the image.

    What it shows is then a part of something that the window does not hold.

    Args:
        mask: (h, w) bool, on any grid that covers the window.
        window: in pixels of the image.
        hw: height and width of the image.
    """
    edges = (
        (window.y0 > 0, mask[0]), (window.y1 < hw[0], mask[-1]),
        (window.x0 > 0, mask[:, 0]), (window.x1 < hw[1], mask[:, -1]),
    )  # fmt: skip
    return any(inner and bool(line.any()) for inner, line in edges)
