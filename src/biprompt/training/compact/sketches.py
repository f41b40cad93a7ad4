"""What a simulated user draws for a target: a point, a loose box, a rough mask.

Targets are masks of cells of 4x4 model pixels; points and boxes are in model pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from biprompt.data.mixing import shifted

STRIDE = 4
BOX_NOISE = 0.04
"""Standard deviation of each edge of a box, as a share of the box."""

Cells = NDArray[np.bool_]


def inner_cell(mask: Cells, rng: np.random.Generator, depth: float) -> tuple[int, int]:
    """A cell ``(row, column)`` of the mask, at least ``depth`` of its greatest depth inside.

    Args:
        mask: ``(h, w)`` bool, not empty; beyond its border is outside.
        rng: source of chance.
        depth: 0 for anywhere, 1 for the deepest cell.
    """
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, left = int(ys[0]), int(xs[0])
    inside = _depths(mask[top : ys[-1] + 1, left : xs[-1] + 1])
    rows, columns = np.nonzero(inside >= max(depth * inside.max(), 1e-6))
    pick = int(rng.integers(len(rows)))
    return top + int(rows[pick]), left + int(columns[pick])


def greatest_depth(mask: Cells) -> float:
    """Distance of the deepest cell to the outside, in cells; 0 for an empty mask."""
    return float(_depths(mask).max()) if mask.any() else 0.0


def _depths(mask: Cells) -> NDArray[np.float64]:
    inside = ndimage.distance_transform_edt(np.pad(mask, 1))
    return np.asarray(inside[1:-1, 1:-1], np.float64)


def point_in(mask: Cells, rng: np.random.Generator, depth: float) -> NDArray[np.float64]:
    """A point ``(x, y)`` of the mask, model pixels; see :func:`inner_cell`."""
    row, column = inner_cell(mask, rng, depth)
    return (np.array([column, row]) + rng.uniform(0.1, 0.9, 2)) * STRIDE


def loose_box(mask: Cells, rng: np.random.Generator) -> NDArray[np.float64]:
    """The mask's box, xyxy, drawn as loosely as people draw."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1], np.float64) * STRIDE
    side = np.tile(box[2:] - box[:2], 2)
    limit = np.array([mask.shape[1], mask.shape[0]] * 2) * STRIDE
    return np.clip(box + rng.normal(0, BOX_NOISE, 4) * side, 0, limit)


def rough_mask(mask: Cells, rng: np.random.Generator) -> Cells:
    """The mask as somebody would sketch it: shifted, grown or shrunk, or with a part missing.

    It may come out empty.
    """
    moved = shifted(mask, rng.integers(-3, 4, 2))
    steps = int(rng.integers(1, 4))
    how = rng.random()
    if how < 0.4:
        return np.asarray(ndimage.binary_dilation(moved, iterations=steps), np.bool_)
    if how < 0.7:
        return np.asarray(ndimage.binary_erosion(moved, iterations=steps), np.bool_)
    return _bitten(mask, rng)


def _bitten(mask: Cells, rng: np.random.Generator) -> Cells:
    """The mask without what lies in a box somewhere on it."""
    row, column = inner_cell(mask, rng, 0.1)
    h, w = (max(2, int(rng.uniform(0.1, 0.4) * n)) for n in mask.shape)
    rest = mask.copy()
    rest[max(0, row - h // 2) : row + h // 2, max(0, column - w // 2) : column + w // 2] = False
    return rest
