"""From what a person points at to what the decoder takes, and from its masks to candidates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame
from biprompt.masks import fill_polygon
from biprompt.prompts import Prompt
from biprompt.runtime.base import Decoded, SpatialBatch

SCRIBBLE_SPACING = 16.0
"""Model pixels between the points that stand for a stroke."""
SCRIBBLE_POINTS = 24
"""Most points for one stroke."""

Bool = NDArray[np.bool_]


def is_ambiguous(prompt: Prompt) -> bool:
    """Whether the prompt is a single adding click, which may mean a part or the whole."""
    if prompt.points is None or prompt.box or prompt.mask or prompt.polygon or prompt.scribbles:
        return False
    return len(prompt.points) == 1 and bool(prompt.points.labels[0])


def spatial_batch(prompts: list[Prompt | None], frame: ModelFrame) -> SpatialBatch:
    """The decoder's input for ``P`` prompts; None points at nothing."""
    clicks = [_clicks(prompt, frame) for prompt in prompts]
    count = max(1, *(len(labels) for _, labels in clicks))
    h, w = (side // 4 for side in frame.model_hw)
    size = len(prompts)
    batch = SpatialBatch(
        np.zeros((size, count, 2), np.float32), np.full((size, count), -1, np.float32),
        np.zeros((size, 4), np.float32), np.zeros(size, np.float32),
        np.zeros((size, 1, h, w), np.float32), np.zeros(size, np.float32),
    )  # fmt: skip
    for row, (prompt, (xy, labels)) in enumerate(zip(prompts, clicks, strict=True)):
        batch.xy[row, : len(xy)] = xy
        batch.labels[row, : len(xy)] = labels
        if prompt is not None and prompt.box is not None:
            batch.box[row] = frame.scale_boxes(prompt.box.xyxy)
            batch.has_box[row] = 1.0
        given = None if prompt is None else _given_cells(prompt, frame, (h, w))
        if given is not None:
            batch.mask[row, 0] = given
            batch.has_mask[row] = 1.0
    return batch


def _clicks(
    prompt: Prompt | None, frame: ModelFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points ``(N, 2)`` in the model frame and their labels; strokes become rows of points."""
    xy, labels = [np.zeros((0, 2))], [np.zeros(0)]
    if prompt is not None and prompt.points is not None:
        # A click names a pixel; its middle is what is meant.
        xy.append(frame.scale_points(np.floor(prompt.points.xy) + 0.5))
        labels.append(prompt.points.labels.astype(float))
    for stroke in () if prompt is None else prompt.scribbles:
        along = resample(frame.scale_points(stroke.xy))
        xy.append(along)
        labels.append(np.full(len(along), float(stroke.label)))
    return np.concatenate(xy), np.concatenate(labels)


def resample(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points at equal distances along a stroke ``(N, 2)``, both ends included."""
    steps = np.hypot(*np.diff(xy, axis=0).T)
    at = np.concatenate(([0.0], np.cumsum(steps)))
    if at[-1] == 0.0:
        return xy[:1]
    count = int(np.clip(np.ceil(at[-1] / SCRIBBLE_SPACING) + 1, 2, SCRIBBLE_POINTS))
    along = np.linspace(0.0, at[-1], count)
    return np.stack([np.interp(along, at, xy[:, axis]) for axis in (0, 1)], 1)


def _given_cells(
    prompt: Prompt, frame: ModelFrame, hw: tuple[int, int]
) -> NDArray[np.float32] | None:
    """Mask and polygon on cells ``hw``: an earlier answer as the model gave it, else coverage."""
    soft = None if prompt.mask is None else prompt.mask.soft
    if soft is not None and soft.shape == hw and prompt.polygon is None:
        return soft
    given = _given_mask(prompt, frame)
    return None if given is None else covered(given, hw)


def _given_mask(prompt: Prompt, frame: ModelFrame) -> Bool | None:
    """The mask to refine, the polygon's inside, or both together; ``(H, W)``."""
    given = None if prompt.mask is None else prompt.mask.mask
    if prompt.polygon is None:
        return given
    inside = fill_polygon(prompt.polygon.xy, frame.original_hw)
    return inside if given is None else given | inside


def covered(mask: Bool, hw: tuple[int, int]) -> NDArray[np.float32]:
    """Covered part of each cell when ``(H, W)`` is shrunk to ``hw``, in [0, 1]."""
    from PIL import Image

    image = Image.fromarray(mask.astype(np.uint8) * 255)
    small = image.resize((hw[1], hw[0]), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255.0


def candidate_rows(decoded: Decoded, row: int, *, ambiguous: bool) -> list[int]:
    """Which masks of a decoded prompt are candidates, three of them, best first where it matters.

    A single click gets the three readings. Anything clearer gets the mask made for clear
    prompts, and the two readings with the highest predicted IoU.
    """
    readings = range(1, decoded.iou.shape[1])
    if ambiguous:
        return list(readings)
    ranked = sorted(readings, key=lambda m: -float(decoded.iou[row, m]))
    return [0, *ranked[:2]]
