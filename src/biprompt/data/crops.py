"""Random windows into a scene, and the scene seen through them.

Every function takes its random generator, so that a sample depends on its seed alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.data.scenes import Scene

GREY = 124
"""Fill beyond the photograph's edge."""
WHOLE_SHARE = 0.35
"""Chance of a window that does not care for the object in focus."""
STRETCH = 0.15
"""Largest change of the aspect ratio: its logarithm, shared by both sides."""

_Square = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Crop:
    """A window ``x0, y0, x1, y1`` of the source, which may reach beyond it, seen at ``size``."""

    window: tuple[float, float, float, float]
    size: int
    flip: bool

    def columns(self) -> NDArray[np.float64]:
        """Source x of each output column's centre."""
        return self._centres(self.window[0], self.window[2], self.flip)

    def rows(self) -> NDArray[np.float64]:
        """Source y of each output row's centre."""
        return self._centres(self.window[1], self.window[3], False)

    def _centres(self, low: float, high: float, flip: bool) -> NDArray[np.float64]:
        at = low + (np.arange(self.size) + 0.5) * (high - low) / self.size
        return at[::-1] if flip else at


def draw_crop(
    scene: Scene, focus: NDArray[np.bool_] | None, size: int, rng: np.random.Generator
) -> Crop:
    """A window that shows a good part of ``focus``, or the whole photograph.

    Args:
        scene: the source.
        focus: ``(H, W)`` mask to keep in view, or None.
        size: side of the output, pixels.
        rng: source of chance.
    """
    h, w = scene.image.shape[:2]
    stretch = float(np.exp(rng.uniform(-STRETCH, STRETCH)))
    if focus is None or not focus.any() or rng.random() < WHOLE_SHARE:
        x, y, side = _anywhere(h, w, rng)
    else:
        x, y, side = _around(focus, h, w, rng)
    x, y = _inside(x, side, w), _inside(y, side, h)
    half_w, half_h = side * stretch / 2, side / stretch / 2
    flip = bool(rng.random() < 0.5)
    return Crop((x - half_w, y - half_h, x + half_w, y + half_h), size, flip)


def _anywhere(h: int, w: int, rng: np.random.Generator) -> _Square:
    """Centre x, centre y and side of a square about as large as the photograph."""
    shortest, longest = float(min(h, w)), float(max(h, w))
    side = float(rng.uniform(0.9 * shortest, min(longest, 1.3 * shortest)))
    return float(rng.uniform(0, w)), float(rng.uniform(0, h)), side


def _around(focus: NDArray[np.bool_], h: int, w: int, rng: np.random.Generator) -> _Square:
    """The same of a square that holds the mask, tightly or with all that is around it."""
    shortest, longest = float(min(h, w)), float(max(h, w))
    ys, xs = np.flatnonzero(focus.any(1)), np.flatnonzero(focus.any(0))
    extent = float(max(ys[-1] - ys[0], xs[-1] - xs[0]) + 1)
    high = min(longest, 1.15 * max(shortest, extent))
    low = min(max(1.15 * extent, 0.25 * longest), high)
    side = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    play = 0.5 * max(side - extent, 0.1 * side)
    x = (xs[0] + xs[-1] + 1) / 2 + rng.uniform(-play, play)
    y = (ys[0] + ys[-1] + 1) / 2 + rng.uniform(-play, play)
    return float(x), float(y), side


def _inside(centre: float, side: float, extent: float) -> float:
    """Moves a window into the photograph where it fits, and to its middle where it does not."""
    if side >= extent:
        return extent / 2
    return float(np.clip(centre, side / 2, extent - side / 2))


def take_crop(scene: Scene, crop: Crop) -> Scene:
    """The scene seen through the window, ``(size, size)``; masks by nearest pixel.

    In a mirrored window, labels that name a side name the other one.
    """
    masks = scene.masks[:, _at(crop.rows(), scene.image.shape[0])]
    masks = masks[:, :, _at(crop.columns(), scene.image.shape[1])]
    cut = replace(scene, image=_pixels(scene.image, crop), masks=masks & _covered(scene, crop))
    return cut.mirrored_names() if crop.flip else cut


def _pixels(image: NDArray[np.uint8], crop: Crop) -> NDArray[np.uint8]:
    """The window at its new size, averaged over where it shrinks, as images in use are."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = crop.window
    margin = math.ceil(max(0.0, -x0, -y0, x1 - width, y1 - height))
    if margin:
        edge = ((margin, margin), (margin, margin), (0, 0))
        image = np.pad(image, edge, constant_values=GREY)
    seen = Image.fromarray(image).resize(
        (crop.size, crop.size),
        Image.Resampling.BILINEAR,
        box=(x0 + margin, y0 + margin, x1 + margin, y1 + margin),
    )
    pixels = np.asarray(seen)
    return np.ascontiguousarray(pixels[:, ::-1] if crop.flip else pixels)


def _at(centres: NDArray[np.float64], extent: int) -> NDArray[np.intp]:
    return np.clip(centres.astype(np.intp), 0, extent - 1)


def _covered(scene: Scene, crop: Crop) -> NDArray[np.bool_]:
    """Which output pixels show the photograph, not what lies beyond its edge."""
    (h, w), rows, columns = scene.image.shape[:2], crop.rows(), crop.columns()
    inside = ((rows >= 0) & (rows < h))[:, None] & ((columns >= 0) & (columns < w))[None]
    return np.asarray(inside, np.bool_)
