"""Both experts on one image: phrases in fusion calls, all prompts in decoder calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.spatial import CELL, Pointed, cells_hw, spatial_batch
from biprompt.geometry import masks_in_frame
from biprompt.masks import component_at
from biprompt.runtime.base import (
    Decoded,
    Grounding,
    ImageEmbedding,
    Phrase,
    Runtime,
    TextBatch,
)

MAX_ROWS = 16
"""Prompts or phrases of one call; more go in turns, so that memory stays bounded."""
MAX_POINTS = 512
"""Points of one decoder call (every row is padded to the longest); a single row may have more."""

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the decoder's batch: where, what words (an index into the phrases), or both.

    `every` asks for all masks of the model, not for those that suit the prompt.
    """

    where: Pointed | None
    phrase: int | None = None
    every: bool = False

    @property
    def points(self) -> int:
        """How many points it holds."""
        return 0 if self.where is None else len(self.where.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """One proposed mask.

    Attributes:
        mask: ``(H, W)`` bool, original frame.
        score: predicted IoU.
        soft: ``(H/4, W/4)`` float32 in [0, 1], model frame; None for a mask made of others.
    """

    mask: Bool
    score: float
    soft: Float32 | None = None


def ground(
    runtime: Runtime, embedding: ImageEmbedding, phrases: Sequence[Phrase]
) -> Grounding | None:
    """Fuse all phrases with the image (EVF-SAM's text expert); None when there is none."""
    if not phrases:
        return None
    parts = [phrases[start : start + MAX_ROWS] for start in range(0, len(phrases), MAX_ROWS)]
    return Grounding.joined([runtime.ground(embedding, part) for part in parts])


def decode(
    runtime: Runtime, embedding: ImageEmbedding, rows: Sequence[Row], grounding: Grounding | None
) -> list[list[Proposal]]:
    """Masks of every row: three where something is pointed at (or all), one for words alone."""
    found = []
    for turn in turns(rows):
        asked = [row.where and row.where.within(runtime.facts.most_points) for row in turn]
        spatial = spatial_batch(asked, cells_hw(embedding.frame))
        decoded = runtime.decode(embedding, spatial, _text(turn, grounding))
        for i, row in enumerate(turn):
            found.append(_proposals(decoded, i, row, embedding, runtime.facts.one_part))
    return found


def turns(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows in order, in as few calls as `MAX_ROWS` and `MAX_POINTS` allow."""
    turn: list[Row] = []
    longest = 0
    for row in rows:
        wider = max(longest, row.points)
        if turn and (len(turn) == MAX_ROWS or (len(turn) + 1) * wider > MAX_POINTS):
            yield turn
            turn, wider = [], row.points
        turn.append(row)
        longest = wider
    if turn:
        yield turn


def _text(rows: Sequence[Row], grounding: Grounding | None) -> TextBatch | None:
    if grounding is None or all(row.phrase is None for row in rows):
        return None
    return TextBatch.rows(grounding, [row.phrase for row in rows])


def _proposals(
    decoded: Decoded, index: int, row: Row, embedding: ImageEmbedding, one_part: bool
) -> list[Proposal]:
    where, scores = row.where, decoded.iou[index]
    chosen = [0]
    if where is not None:
        ambiguous = where.is_single and where.cells is None
        suited = candidate_masks(scores, ambiguous=ambiguous)
        chosen = list(range(len(scores))) if row.every else suited
    frame = embedding.frame if decoded.frames is None else decoded.frames[index]
    logits = decoded.logits[index][chosen]
    if where is not None and where.is_single and one_part and frame == embedding.frame:
        logits = clicked_only(logits, where.xy)
    masks = masks_in_frame(logits, frame)
    masks.flags.writeable = False  # prompts that say the same share it
    soft: Sequence[Float32 | None] = [None] * len(masks)
    if frame == embedding.frame:  # else it would lie elsewhere when it comes back as a prompt
        soft = list(0.5 + 0.5 * np.tanh(0.5 * logits))  # the sigmoid; unlike exp, no overflow
    return [Proposal(*one) for one in zip(masks, map(float, scores[chosen]), soft, strict=True)]


def candidate_masks(scores: Float32, *, ambiguous: bool) -> list[int]:
    """Which of a prompt's masks are candidates, three of them, best first where it matters.

    A single click gets the three readings. Anything clearer gets the mask made for clear
    prompts, and the two readings with the highest predicted IoU.

    Args:
        scores: ``(M,)`` predicted IoU.
        ambiguous: whether a part or the whole may be meant.
    """
    readings = range(1, len(scores))
    if ambiguous:
        return list(readings) or [0]
    ranked = sorted(readings, key=lambda m: -float(scores[m]))
    return [0, *ranked[:2]]


def clicked_only(logits: Float32, xy: NDArray[np.float64]) -> Float32:
    """Logits without the parts that a single click does not touch.

    One click means one thing: a like thing elsewhere is not meant. Where the click itself is
    outside the mask, the mask stays as it is.

    Args:
        logits: ``(K, H/4, W/4)``.
        xy: ``(1, 2)``, the click in the model frame.

    Returns:
        ``(K, H/4, W/4)``, a new array.
    """
    kept = logits.copy()
    for level in kept:
        part = component_at(level > 0, xy / CELL)
        if part.any():
            level[(level > 0) & ~part] = -8.0
    return kept
