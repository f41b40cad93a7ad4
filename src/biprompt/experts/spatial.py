"""From what a person points at to what the decoder takes.

Model frame: pixels of the resized image, ``(x, y)``; the decoder's cells are 4 of them wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError
from biprompt.experts.outlines import inner_points
from biprompt.geometry import ModelFrame
from biprompt.masks import bbox_xyxy, fill_polygon
from biprompt.prompts import Prompt
from biprompt.runtime.base import SpatialBatch

CELL = 4
SCRIBBLE_SPACING = 16.0
"""Model pixels between the points that stand for a stroke."""
SCRIBBLE_POINTS = 24
"""Most points for one stroke."""
MAX_STROKE_POINTS = 1000
"""Most points for all strokes of a prompt: many strokes get fewer points each."""

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pointed:
    """What one prompt points at, in the model frame.

    Attributes:
        xy: ``(N, 2)`` float64, clicks, and points that stand for strokes.
        labels: ``(N,)`` float64; 1 adds, 0 removes.
        box: ``(4,)`` float64 xyxy, or None.
        cells: ``(H/4, W/4)`` float32 in [0, 1], covered part of each cell by the mask to start
            from, or None.
        is_single: whether a single adding click is all that was pointed with; it may mean a part
            or the whole.
        clicks: how many of the points, from the first, were clicked; the others stand for a
            drawing, and fewer of them do as well.
    """

    xy: Float64
    labels: Float64
    box: Float64 | None
    cells: Float32 | None
    is_single: bool
    clicks: int = 0

    @classmethod
    def of(cls, prompt: Prompt, frame: ModelFrame, *, masks: bool = True) -> Pointed:
        """Bring a prompt that fits its image into the model frame.

        Args:
            prompt: what was asked.
            frame: how the model sees the image.
            masks: whether the model starts from a mask. Where it does not, points inside what is
                drawn stand for it, and the box around it unless a box was given as well.

        Raises:
            PromptError: a polygon too thin to hold a pixel, or more than 1,000 strokes.
        """
        xy, labels = _clicks(prompt, frame)
        clicks = 0 if prompt.points is None else len(prompt.points)
        box = None if prompt.box is None else box_in_frame(prompt.box.xyxy, frame)
        if masks or (given := drawn_mask(prompt, frame)) is None:
            return cls(xy, labels, box, _cells(prompt, frame), _is_single(prompt), clicks)
        inside = _middles(inner_points(given), frame)
        xy, labels = np.concatenate((xy, inside)), np.concatenate((labels, np.ones(len(inside))))
        box = box_in_frame(np.array(bbox_xyxy(given), np.float64), frame) if box is None else box
        return cls(xy, labels, box, None, False, clicks)

    def within(self, most: int | None) -> Pointed:
        """The same with no more points than a model takes; a box takes two.

        Raises:
            PromptError: there are more clicks than that.
        """
        room = len(self.xy) if most is None else most - (0 if self.box is None else 2)
        if len(self.xy) <= room:
            return self
        if self.clicks > room:
            expected = f"at most {room} for this model (a box takes two of {most})"
            raise PromptError("points", expected=expected, actual=self.clicks)
        others = np.linspace(self.clicks, len(self.xy) - 1, room - self.clicks).round()
        kept = np.concatenate((np.arange(self.clicks), others.astype(np.intp)))
        return replace(self, xy=self.xy[kept], labels=self.labels[kept])


def _is_single(prompt: Prompt) -> bool:
    if prompt.points is None or prompt.box or prompt.mask or prompt.polygon or prompt.scribbles:
        return False
    return len(prompt.points) == 1 and bool(prompt.points.labels[0])


def spatial_batch(pointed: Sequence[Pointed | None], hw: tuple[int, int]) -> SpatialBatch:
    """The decoder's input for ``P`` prompts on ``hw`` cells; None points at nothing."""
    size = len(pointed)
    count = max(1, *(0 if one is None else len(one.labels) for one in pointed))
    batch = SpatialBatch(
        np.zeros((size, count, 2), np.float32), np.full((size, count), -1, np.float32),
        np.zeros((size, 4), np.float32), np.zeros(size, np.float32),
        np.zeros((size, 1, *hw), np.float32), np.zeros(size, np.float32),
    )  # fmt: skip
    for row, one in enumerate(pointed):
        if one is not None:
            _fill(batch, row, one)
    return batch


def _fill(batch: SpatialBatch, row: int, one: Pointed) -> None:
    batch.xy[row, : len(one.xy)] = one.xy
    batch.labels[row, : len(one.xy)] = one.labels
    if one.box is not None:
        batch.box[row], batch.has_box[row] = one.box, 1.0
    if one.cells is not None:
        batch.mask[row, 0], batch.has_mask[row] = one.cells, 1.0


def _middles(xy: Float64, frame: ModelFrame) -> Float64:
    """A point names a pixel of the original image; its middle is what is meant."""
    return frame.scale_points(np.floor(xy) + 0.5)


def _clicks(prompt: Prompt, frame: ModelFrame) -> tuple[Float64, Float64]:
    xy, labels = [np.zeros((0, 2))], [np.zeros(0)]
    if prompt.points is not None:
        xy.append(_middles(prompt.points.xy, frame))
        labels.append(prompt.points.labels.astype(float))
    most = _points_of_a_stroke(len(prompt.scribbles))
    for stroke in prompt.scribbles:
        along = resample(_middles(stroke.xy, frame), most)
        xy.append(along)
        labels.append(np.full(len(along), float(stroke.label)))
    return np.concatenate(xy), np.concatenate(labels)


def _points_of_a_stroke(strokes: int) -> int:
    if strokes > MAX_STROKE_POINTS:
        expected = f"at most {MAX_STROKE_POINTS} strokes"
        raise PromptError("scribbles", expected=expected, actual=strokes)
    return min(SCRIBBLE_POINTS, MAX_STROKE_POINTS // max(1, strokes))


def resample(xy: Float64, most: int = SCRIBBLE_POINTS) -> Float64:
    """Points at equal distances along a stroke ``(N, 2)``, both ends included.

    Args:
        xy: model frame.
        most: points to return at most; with 1, the stroke's beginning.
    """
    steps = np.hypot(*np.diff(xy, axis=0).T)
    at = np.concatenate(([0.0], np.cumsum(steps)))
    if at[-1] == 0.0:
        return xy[:1]
    count = min(most, max(2, int(np.ceil(at[-1] / SCRIBBLE_SPACING)) + 1))
    along = np.linspace(0.0, at[-1], count)
    return np.stack([np.interp(along, at, xy[:, axis]) for axis in (0, 1)], 1)


def box_in_frame(xyxy: Float64, frame: ModelFrame) -> Float64:
    """A box at least a cell wide and high, so that the decoder sees it, inside the image."""
    low, high = frame.scale_boxes(xyxy).reshape(2, 2)
    half = np.maximum((high - low) / 2, CELL / 2)
    size = np.array(frame.model_hw[::-1], np.float64)
    middle = np.clip((low + high) / 2, half, size - half)
    return np.concatenate((middle - half, middle + half))


def _cells(prompt: Prompt, frame: ModelFrame) -> Float32 | None:
    """Mask and polygon on cells: an earlier answer as the model gave it, else what is covered."""
    hw = cells_hw(frame)
    soft = None if prompt.mask is None else prompt.mask.soft
    if soft is not None and soft.shape == hw and prompt.polygon is None:
        return soft
    given = drawn_mask(prompt, frame)
    return None if given is None else _on_canvas(given, frame)


def cells_hw(frame: ModelFrame) -> tuple[int, int]:
    """Height and width of the decoder's maps."""
    return frame.canvas_hw[0] // CELL, frame.canvas_hw[1] // CELL


def _on_canvas(mask: Bool, frame: ModelFrame) -> Float32:
    """Covered part of each cell of the canvas by a mask ``(H, W)``."""
    if not frame.is_padded:
        return covered(mask, cells_hw(frame))
    (h, w), canvas = frame.model_hw, np.zeros(frame.canvas_hw, np.float32)
    canvas[:h, :w] = covered(mask, (h, w))
    rows, columns = cells_hw(frame)
    return np.asarray(canvas.reshape(rows, CELL, columns, CELL).mean((1, 3)))


def drawn_mask(prompt: Prompt, frame: ModelFrame) -> Bool | None:
    """The mask to refine, the polygon's inside, or both together; ``(H, W)``."""
    given = None if prompt.mask is None else prompt.mask.mask
    if prompt.polygon is None:
        return given
    inside = fill_polygon(prompt.polygon.xy, frame.original_hw)
    if not inside.any():
        expected = "an outline that holds the middle of a pixel"
        raise PromptError("polygon", expected=expected, actual="one too thin")
    return inside if given is None else given | inside


def covered(mask: Bool, hw: tuple[int, int]) -> Float32:
    """Covered part of each cell when a mask ``(H, W)`` is shrunk to ``hw``, in [0, 1].

    A mask too small to cover 1 / 255 of any cell still shows in the cells where it lies.
    """
    from PIL import Image

    image = Image.fromarray(mask.astype(np.uint8) * 255)
    small = np.array(image.resize((hw[1], hw[0]), Image.Resampling.BOX))
    if not small.any():
        rows, columns = np.nonzero(mask)
        small[rows * hw[0] // mask.shape[0], columns * hw[1] // mask.shape[1]] = 1
    return small.astype(np.float32) / 255.0
