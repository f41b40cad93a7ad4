"""A mask or an outline drawn by hand: refined where that is surely better, else as it was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.negative import without
from biprompt.experts.pair import Proposal, Row
from biprompt.experts.plan import Batch, Plan
from biprompt.experts.pool import Offer, Pool
from biprompt.experts.spatial import box_in_frame, drawn_mask
from biprompt.masks import bbox_xyxy
from biprompt.prompts import Prompt
from biprompt.results import Source, Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.selection import Choice
from biprompt.selection.keeping import LEAST_GAIN, keeper, refinement_evidence

KINDS = ("mask", "mask and box", "box")


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A drawn mask and the rows that refine it.

    Attributes:
        mask: ``(H, W)`` bool, as it was drawn.
        rows: row of the decoder and which of KINDS it starts from.
    """

    mask: NDArray[np.bool_]
    rows: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, plan: Plan, batch: Batch) -> Drawn | None:
        """Plan the refinement of a drawing; None where something else was asked as well.

        A mask with soft values is an answer to be corrected, no drawing.
        """
        asked, where = plan.asked, plan.asked.where
        if where is None or plan.point is None or not is_drawn(asked.prompt):
            return None
        mask = drawn_mask(asked.prompt, asked.frame)
        if mask is None:
            return None
        if where.cells is None:  # the box stands for the mask already
            return cls(mask, ((plan.point, "box"),))
        box = box_in_frame(np.array(bbox_xyxy(mask), np.float64), asked.frame)
        framed = replace(where, box=box)
        rows = batch.ask(Row(framed)), batch.ask(Row(replace(framed, cells=None)))
        return cls(mask, tuple(zip((plan.point, *rows), KINDS, strict=True)))


def is_drawn(prompt: Prompt) -> bool:
    """Whether a mask or an outline is all that was given to find a thing."""
    others = prompt.points, prompt.box, prompt.scribbles, prompt.text, prompt.examples
    fresh = prompt.mask is None or prompt.mask.soft is None
    return fresh and bool(prompt.mask or prompt.polygon) and not any(others)


def refinements(
    drawn: Drawn, rows: Sequence[Sequence[Proposal]]
) -> tuple[list[Proposal], list[tuple[str, bool]]]:
    """The refined masks, and for each which of KINDS it starts from and whether it is clear."""
    found = [(p, kind, i == 0) for row, kind in drawn.rows for i, p in enumerate(rows[row])]
    return [proposal for proposal, _, _ in found], [(kind, clear) for _, kind, clear in found]


def keep_or_refine(
    pool: Pool, drawn: Drawn, rows: Sequence[Sequence[Proposal]], embedding: ImageEmbedding
) -> tuple[Pool, Choice]:
    """Choose between the drawing and its refinements.

    Args:
        pool: of the prompt.
        drawn: what was drawn.
        rows: proposals of every row.
        embedding: the image.
    """
    proposals, gains = expected_gains(drawn, rows, embedding)
    own = Proposal(drawn.mask, float(np.clip(1 - max(0.0, gains.max()), 0, 1)))
    clean = without([*proposals, own], pool.unwanted)
    sources = [*([Source.REFINE] * len(proposals)), Source.DRAWN]
    numbers = [*range(len(proposals)), 0]
    offers = tuple(Offer(*one) for one in zip(sources, numbers, clean, strict=True))
    best = int(gains.argmax())
    kept = gains[best] < LEAST_GAIN
    winner = len(proposals) if kept else best
    name = f"Candidate {best + 1} of {len(offers)} ({offers[best].source})"
    told = (
        f"expected gain in IoU {gains[best]:+.2f}, {'under' if kept else 'at least'} {LEAST_GAIN}"
    )
    reason = f"{name} is surely better than what was drawn ({told})."
    if kept:
        reason = f"What was drawn stays, as no refinement is surely better (the best: {told})."
    mask = offers[winner].proposal.mask
    margin = float(abs(gains[best] - LEAST_GAIN))
    return replace(pool, offers=offers), Choice(winner, Verdict.FOUND, None, margin, reason, mask)


def expected_gains(
    drawn: Drawn, rows: Sequence[Sequence[Proposal]], embedding: ImageEmbedding
) -> tuple[list[Proposal], NDArray[np.float64]]:
    """The refinements, and how much better than the drawing each is expected to be; empty: not."""
    proposals, origins = refinements(drawn, rows)
    masks = np.stack([proposal.mask for proposal in proposals])
    scores, softs = [p.score for p in proposals], [p.soft for p in proposals]
    spoken = refinement_evidence(masks, scores, softs, origins, drawn.mask, embedding.pixels)
    filled = masks.any(axis=(1, 2))
    return proposals, np.where(filled, keeper().gains(spoken), -1.0)
