"""Masks as people draw them: wavering, with few corners, beside the thing, too wide, too tight.

Every function takes a mask ``(H, W)`` bool with at least one pixel and returns a new one of the
same size, perhaps empty. Sizes are told in units of the mask: the square root of its area.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from biprompt.masks import fill_polygon, mask_polygons

BoolMask = npt.NDArray[np.bool_]
Drawing = Callable[[BoolMask, np.random.Generator], BoolMask]


def wavering(mask: BoolMask, rng: np.random.Generator, amount: float = 0.05) -> BoolMask:
    """An outline that strays to both sides, smoothly, by about `amount` of the mask's size."""
    from scipy import ndimage

    size = float(np.sqrt(mask.sum()))
    noise = ndimage.gaussian_filter(rng.normal(size=mask.shape), max(1.0, 0.12 * size))
    noise *= amount * size / max(float(noise.std()), 1e-9)
    return np.asarray(_depth(mask) + noise > 0)


def cornered(mask: BoolMask, rng: np.random.Generator, corners: int = 8) -> BoolMask:
    """The largest outline with few corners, taken at about equal distances along it."""
    rings = [part.outer for part in mask_polygons(mask)]
    ring = max((np.asarray(ring, np.float64) for ring in rings), key=_area)
    steps = np.hypot(*np.diff(np.concatenate((ring, ring[:1])), axis=0).T)
    at = np.concatenate(([0.0], np.cumsum(steps)))
    along = (np.arange(corners) + rng.random()) / corners * at[-1]
    closed = np.concatenate((ring, ring[:1]))
    chosen = np.stack([np.interp(along, at, closed[:, axis]) for axis in (0, 1)], 1)
    return fill_polygon(chosen, (mask.shape[0], mask.shape[1]))


def beside(mask: BoolMask, rng: np.random.Generator, amount: float = 0.06) -> BoolMask:
    """The same outline, moved by `amount` of its size in any direction."""
    angle, far = rng.uniform(0, 2 * np.pi), amount * float(np.sqrt(mask.sum()))
    dx, dy = round(far * np.cos(angle)), round(far * np.sin(angle))
    moved = np.zeros_like(mask)
    h, w = mask.shape
    rows, columns = np.nonzero(mask)
    rows, columns = rows + dy, columns + dx
    inside = (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)
    moved[rows[inside], columns[inside]] = True
    return moved


def wide(mask: BoolMask, rng: np.random.Generator, amount: float = 0.04) -> BoolMask:
    """An outline outside the thing by `amount` of its size."""
    return np.asarray(_depth(mask) > -amount * float(np.sqrt(mask.sum())))


def tight(mask: BoolMask, rng: np.random.Generator, amount: float = 0.04) -> BoolMask:
    """An outline inside the thing by `amount` of its size."""
    return np.asarray(_depth(mask) > amount * float(np.sqrt(mask.sum())))


def exact(mask: BoolMask, rng: np.random.Generator) -> BoolMask:
    """The mask itself."""
    return mask.copy()


DRAWINGS: Mapping[str, Drawing] = {
    "exact": exact,
    "wavering": wavering,
    "wavering much": lambda mask, rng: wavering(mask, rng, 0.12),
    "8 corners": cornered,
    "5 corners": lambda mask, rng: cornered(mask, rng, 5),
    "beside": beside,
    "beside far": lambda mask, rng: beside(mask, rng, 0.15),
    "wide": wide,
    "tight": tight,
}
"""Ways to draw, by name."""


def _depth(mask: BoolMask) -> npt.NDArray[np.float64]:
    """Distance to the outline in pixels, below 0 outside; half a pixel beside it."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(mask)
    outside = ndimage.distance_transform_edt(~mask)
    return np.asarray(np.where(mask, inside - 0.5, 0.5 - outside))


def _area(ring: npt.NDArray[np.float64]) -> float:
    x, y = ring.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
