"""Prompts from the frame of one model to that of another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame
from biprompt.runtime.base import Float, SpatialBatch

_CELL = 4
"""Model pixels of a decoder's cell, along one side."""


def moved(spatial: SpatialBatch, seen: ModelFrame, frame: ModelFrame) -> SpatialBatch:
    """What prompts point at, as another model sees the same image.

    Args:
        spatial: in the frame `seen`.
        seen: how the one model sees the image.
        frame: how the other does; of the same original size.

    Returns:
        ``P`` rows in `frame`; masks are sampled bilinearly on its cells, and are 0 outside the
        image.
    """
    if seen == frame:
        return spatial
    corners = spatial.box.reshape(-1, 2, 2)
    return SpatialBatch(
        xy=_moved_points(spatial.xy, seen, frame),
        labels=spatial.labels,
        box=_moved_points(corners, seen, frame).reshape(-1, 4),
        has_box=spatial.has_box,
        mask=_moved_cells(spatial.mask, seen, frame),
        has_mask=spatial.has_mask,
    )


def _moved_points(xy: Float, seen: ModelFrame, frame: ModelFrame) -> Float:
    return frame.scale_points(seen.unscale_points(xy)).astype(np.float32)


def _moved_cells(mask: Float, seen: ModelFrame, frame: ModelFrame) -> Float:
    """Maps ``(P, 1, h, w)`` on the cells of one canvas, on those of the other."""
    rows, columns = (_places(axis, seen, frame, mask.shape[2 + axis]) for axis in (0, 1))
    high = _sampled(mask, rows)
    return np.ascontiguousarray(_sampled(high.swapaxes(-1, -2), columns).swapaxes(-1, -2))


def _places(axis: int, seen: ModelFrame, frame: ModelFrame, cells: int) -> NDArray[np.float64]:
    """Where the middles of the new cells lie among the old ones, as an index; NaN off the image."""
    middles = np.arange(frame.canvas_hw[axis] // _CELL) * _CELL + _CELL / 2
    scale = seen.model_hw[axis] / frame.model_hw[axis]
    at = np.clip(middles * scale / _CELL - 0.5, 0, cells - 1)
    return np.where(middles < frame.model_hw[axis], at, np.nan)


def _sampled(values: Float, at: NDArray[np.float64]) -> Float:
    """Axis -2 of maps at fractional indices, bilinearly; 0 where they are NaN."""
    inside = ~np.isnan(at)
    place = np.where(inside, at, 0.0)
    first = np.floor(place).astype(np.intp)
    second = np.minimum(first + 1, values.shape[-2] - 1)
    weight = (place - first)[:, None]
    blend = values.take(first, -2) * (1 - weight) + values.take(second, -2) * weight
    return np.asarray(blend * inside[:, None], np.float32)
