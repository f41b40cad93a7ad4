"""Both experts on one image: all prompts in one fusion call and one decoder call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.spatial import candidate_rows, covered, is_ambiguous, spatial_batch
from biprompt.experts.words import Phrase, word_batch
from biprompt.geometry import resize_mask_logits
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
    """

    mask: Bool
    score: float


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
    logits = resize_mask_logits(decoded.logits[index, chosen], embedding.frame.original_hw)
    scores = decoded.iou[index, chosen]
    return [Proposal(m, float(s)) for m, s in zip(logits > 0, scores, strict=True)]


def without(proposals: Sequence[Proposal], unwanted: Bool | None) -> list[Proposal]:
    """The proposals less what a negative phrase outlines."""
    if unwanted is None:
        return list(proposals)
    return [replace(proposal, mask=proposal.mask & ~unwanted) for proposal in proposals]
