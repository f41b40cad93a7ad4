"""Both experts on one image: all prompts in one fusion call and one decoder call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.spatial import candidate_rows, covered, is_ambiguous, spatial_batch
from biprompt.experts.words import Phrase, word_batch
from biprompt.geometry import masks_from_logits
from biprompt.prompts import Prompt
from biprompt.runtime.base import (
    Decoded,
    Grounding,
    ImageEmbedding,
    Runtime,
    SpatialBatch,
    TextBatch,
)

MAX_ROWS = 16
"""Prompts of one decoder call; more are decoded in turns, so that memory stays bounded."""

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the decoder's batch: where, what words (an index into the phrases), or both."""

    spatial: Prompt | None
    phrase: int | None
    refine: Bool | None = None
    """A mask ``(H, W)`` to refine with the spatial prompt."""


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
    soft: NDArray[np.float32] | None = None


def ground(
    runtime: Runtime, embedding: ImageEmbedding, phrases: Sequence[Phrase]
) -> Grounding | None:
    """Fuse all phrases with the image (EVF-SAM's text expert); None when there is none."""
    if not phrases:
        return None
    return runtime.ground(embedding.features, *word_batch(phrases))


def decode(
    runtime: Runtime, embedding: ImageEmbedding, rows: Sequence[Row], grounding: Grounding | None
) -> list[list[Proposal]]:
    """Masks of every row: three where something is pointed at, one for words alone."""
    found = []
    for start in range(0, len(rows), MAX_ROWS):
        part = rows[start : start + MAX_ROWS]
        decoded = runtime.decode(
            embedding.features, _spatial(part, embedding), _text(part, grounding)
        )
        found += [_proposals(decoded, i, row, embedding) for i, row in enumerate(part)]
    return found


def _spatial(rows: Sequence[Row], embedding: ImageEmbedding) -> SpatialBatch:
    batch = spatial_batch([row.spatial for row in rows], embedding.frame)
    for i, row in enumerate(rows):
        if row.refine is not None:
            h, w = batch.mask.shape[2:]
            batch.mask[i, 0] = covered(row.refine, (h, w))
            batch.has_mask[i] = 1.0
    return batch


def _text(rows: Sequence[Row], grounding: Grounding | None) -> TextBatch | None:
    if grounding is None or all(row.phrase is None for row in rows):
        return None
    return TextBatch.rows(grounding, [row.phrase for row in rows])


def _proposals(decoded: Decoded, index: int, row: Row, embedding: ImageEmbedding) -> list[Proposal]:
    chosen = [0]
    if row.spatial is not None:
        clear = row.refine is not None or not is_ambiguous(row.spatial)
        chosen = candidate_rows(decoded, index, ambiguous=not clear)
    logits, scores = decoded.logits[index, chosen], decoded.iou[index, chosen]
    points = None if row.spatial is None else row.spatial.points
    if row.spatial is not None and points is not None and is_ambiguous(row.spatial):
        logits = clicked_only(logits, embedding.frame.scale_points(points.xy)[0])
    masks = masks_from_logits(logits, embedding.frame.original_hw)
    soft = 1.0 / (1.0 + np.exp(-logits))
    return [Proposal(*one) for one in zip(masks, map(float, scores), soft, strict=True)]


def clicked_only(logits: NDArray[np.float32], xy: NDArray[np.float64]) -> NDArray[np.float32]:
    """Logits ``(K, h, w)`` without the parts that a single click at ``xy`` does not touch.

    One click means one thing: a like thing elsewhere is not meant. Where the click itself is
    outside the mask, the mask stays as it is.
    """
    from scipy import ndimage

    column, row = (xy // 4).astype(int)
    kept = logits.copy()
    for level in kept:
        parts, count = ndimage.label(level > 0, np.ones((3, 3)))
        here = parts[row, column]
        if count > 1 and here:
            level[(parts != here) & (parts > 0)] = -8.0
    return kept


def without(proposals: Sequence[Proposal], unwanted: Bool | None) -> list[Proposal]:
    """The proposals less what a negative phrase outlines."""
    if unwanted is None:
        return list(proposals)
    return [replace(proposal, mask=proposal.mask & ~unwanted, soft=None) for proposal in proposals]
