"""Ask the model at every point, and keep the masks that pass the filters, on its own cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.pair import MAX_ROWS, clicked_only
from biprompt.experts.spatial import Pointed, cells_hw, spatial_batch
from biprompt.geometry import ModelFrame
from biprompt.masks import bbox_xyxy
from biprompt.masks.window import Window
from biprompt.prompts import Prompt
from biprompt.results.levels import ladder, level
from biprompt.runtime.base import Float, ImageEmbedding, Runtime
from biprompt.segmenter.automatic.settings import Automatic
from biprompt.segmenter.automatic.windows import Look, is_cut

OUTSIDE = -8.0
"""Logit of the cells around a mask, which are not kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A mask as the model gave it, the empty cells around it left out.

    Attributes:
        cells: the window of cells that holds it, and one more cell on each side.
        logits: (h, w) float32 on those cells.
        canvas_hw: cells of the whole canvas.
        bits: (ceil(cells / 8),) uint8, the mask on all cells, packed.
        frame: how the model saw what it was shown.
        score: predicted IoU.
        stability: see `stability`.
        point: the click `(x, y)`, in pixels of the image.
    """

    cells: Window
    logits: Float
    canvas_hw: tuple[int, int]
    bits: NDArray[np.uint8]
    frame: ModelFrame
    score: float
    stability: float
    point: tuple[float, float]

    def spread(self) -> Float:
        """The logits on all cells, (H/4, W/4) float32: above zero where the model's are."""
        full = np.full(self.canvas_hw, OUTSIDE, np.float32)
        full[self.cells.rows, self.cells.columns] = self.logits
        return full


@dataclass(frozen=True, slots=True)
class Asked:
    """One click.

    Attributes:
        frame: how the model saw the window.
        point: `(x, y)` in pixels of the image.
        look: the window.
        hw: height and width of the image.
    """

    frame: ModelFrame
    point: tuple[float, float]
    look: Look
    hw: tuple[int, int]


def propose(
    runtime: Runtime, embedding: ImageEmbedding, look: Look, points: NDArray[np.float64],
    settings: Automatic, hw: tuple[int, int],
) -> Iterator[tuple[int, list[Found]]]:  # fmt: skip
    """Ask at points of one window, some at a time.

    Args:
        runtime: the model.
        embedding: the window, looked at.
        look: where the window lies.
        points: (N, 2) `(x, y)` in the window, in pixels of the image.
        settings: with its thresholds.
        hw: height and width of the image.

    Returns:
        After each call of the model, how many points were asked so far, and the masks that it
        found and that passed.
    """
    cells, xy = cells_hw(embedding.frame), points - (look.window.x0, look.window.y0)
    for start in range(0, len(xy), MAX_ROWS):
        turn = slice(start, start + MAX_ROWS)
        pointed = [Pointed.of(Prompt.build(points=[at]), embedding.frame) for at in xy[turn]]
        decoded = runtime.decode(embedding, spatial_batch(pointed, cells), None)
        found: list[Found] = []
        for row, (point, where) in enumerate(zip(points[turn], pointed, strict=True)):
            logits, scores = decoded.logits[row][1:], np.asarray(decoded.iou[row][1:], np.float64)
            if runtime.facts.one_part:
                logits = clicked_only(logits, where.xy)
            frame = embedding.frame if decoded.frames is None else decoded.frames[row]
            asked = Asked(frame, (float(point[0]), float(point[1])), look, hw)
            found += _passed(asked, logits, scores, settings)
        yield start + len(pointed), found


def stability(logits: Float, offset: float) -> NDArray[np.float64]:
    """Return how little masks change when their threshold moves (Segment Anything, appendix B).

    The IoU of the mask above `offset` and the mask above `-offset`: as one lies within the other,
    the ratio of their areas.

    Args:
        logits: (K, h, w) float32.
        offset: above 0.

    Returns:
        (K,) float64 from 0 to 1; 0 where nothing is above `-offset`.
    """
    inner = np.count_nonzero(logits > offset, axis=(1, 2))
    outer = np.count_nonzero(logits > -offset, axis=(1, 2))
    return np.asarray(np.divide(inner, outer, out=np.zeros(len(logits)), where=outer > 0))


def _passed(
    asked: Asked, logits: Float, scores: NDArray[np.float64], settings: Automatic
) -> Iterator[Found]:
    """The readings (K, h, w) of one click that pass every filter."""
    steady = stability(logits, settings.stability_offset)
    image = _on_image(logits > 0, asked.frame)
    for place in _meant(image, scores, settings):
        if (
            scores[place] >= (settings.predicted_iou or 0.0)
            and steady[place] >= (settings.stability or 0.0)
            and 0 < image[place].mean() <= settings.largest
            and not is_cut(image[place], asked.look.window, asked.hw)
        ):
            yield _found(asked, logits[place], float(scores[place]), float(steady[place]))


def _on_image(masks: NDArray[np.bool_], frame: ModelFrame) -> NDArray[np.bool_]:
    """Masks (K, h, w) on the cells of the canvas, without those that hold only padding."""
    h, w = masks.shape[1:]
    (high, wide), (rows, columns) = frame.canvas_hw, frame.model_hw
    return masks[:, : max(1, rows * h // high), : max(1, columns * w // wide)]


def _meant(
    masks: NDArray[np.bool_], scores: NDArray[np.float64], settings: Automatic
) -> Sequence[int]:
    """The readings to consider: all, or the one of the granularity."""
    if settings.granularity is None:
        return range(len(masks))
    rungs = ladder(masks, scores.tolist())
    return [level(rungs, scores.tolist(), settings.granularity)] if rungs else []


def _found(asked: Asked, logits: Float, score: float, steady: float) -> Found:
    inside = logits > 0
    (x0, y0, x1, y1), (h, w) = bbox_xyxy(inside), inside.shape
    # A cell more on each side: what lies between two cells is worked out from both.
    cells = Window(max(0, x0 - 1), max(0, y0 - 1), min(w, x1 + 1), min(h, y1 + 1))
    part = logits[cells.rows, cells.columns].copy()
    bits = np.packbits(inside)
    return Found(cells, part, (h, w), bits, asked.frame, score, steady, asked.point)
