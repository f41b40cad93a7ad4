"""What is pointed at in a large image: the window grows until the answer fits into it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from biprompt.io.raster import Raster
from biprompt.masks import BitMask, Window
from biprompt.prompts import Prompt
from biprompt.segmenter.tiles.asking import Model, Seen, ask_window, shown_hw
from biprompt.segmenter.tiles.grid import Tiling
from biprompt.segmenter.tiles.shifting import reach, shifted
from biprompt.segmenter.tiles.soft import enlarged
from biprompt.selection import Policy

ROOM = 1.5
"""Least side of the window, in sides of what is pointed at."""
EDGE = 0.01
"""Share of the window's side at its edge: a mask that reaches into it may go on beyond."""


@dataclass(frozen=True, slots=True, eq=False)
class PointedAt:
    """The answer to a prompt that points.

    Attributes:
        mask: of the whole image.
        seen: the window that decided, and what was answered there.
        looks: how many windows were looked at.
    """

    mask: BitMask
    seen: Seen = field(repr=False)
    looks: int


def point_at(
    model: Model, raster: Raster, prompt: Prompt, policy: Policy, tiling: Tiling
) -> PointedAt:
    """Answer a prompt that points, in a window around what it points at.

    The window begins at the size of a tile, or `ROOM` times what is pointed at, and doubles as
    long as the mask reaches its edge, up to the whole image; a large window is shown shrunk.

    Args:
        model: what is asked.
        raster: the image.
        prompt: fits the image.
        policy: how the gate decides.
        tiling: its size is that of the first window.

    Raises:
        PromptError: the model does not take the prompt.
        ImageError: the window cannot be read.
    """
    aim = reach(prompt)
    side, looks = max(tiling.size, int(ROOM * max(aim.hw))), 0
    while True:
        window = around(aim, side, raster.hw)
        inner = shifted(prompt, window, shown_hw(window))
        seen = ask_window(model, raster, window, inner, policy)
        looks += 1
        if window.hw == raster.hw or not reaches_edge(seen, raster.hw):
            break
        side *= 2
    return PointedAt(drawn(seen, raster.hw), seen, looks)


def around(aim: Window, side: int, hw: tuple[int, int]) -> Window:
    """Return a window of this side, or the image's, with `aim` in its middle where it can be."""
    height, width = min(side, hw[0]), min(side, hw[1])
    x = min(max((aim.x0 + aim.x1 - width) // 2, 0), hw[1] - width)
    y = min(max((aim.y0 + aim.y1 - height) // 2, 0), hw[0] - height)
    return Window(x, y, x + width, y + height)


def reaches_edge(seen: Seen, hw: tuple[int, int]) -> bool:
    """Say whether a mask reaches an edge of its window that is not one of the image."""
    mask, window = seen.answer.mask, seen.window
    h, w = (max(1, round(EDGE * side)) for side in mask.shape)
    edges = (
        (window.x0 > 0, mask[:, :w]), (window.x1 < hw[1], mask[:, -w:]),
        (window.y0 > 0, mask[:h]), (window.y1 < hw[0], mask[-h:]),
    )  # fmt: skip
    return any(inside and edge.any() for inside, edge in edges)


def drawn(seen: Seen, hw: tuple[int, int]) -> BitMask:
    """Return the mask of a window in the whole image."""
    mask, window = BitMask(hw), seen.window
    if seen.shown_hw == window.hw:
        bands = iter([(0, seen.answer.mask)])
    else:
        bands = enlarged(seen.logits(seen.shown_hw), window.hw)
    for top, band in bands:
        if band.any():
            rows = np.zeros((len(band), hw[1]), np.bool_)
            rows[:, window.columns] = band
            mask.write(window.y0 + top, rows)
    return mask
