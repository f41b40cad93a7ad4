"""Decode only what can change an answer: many names are asked of every image, and few are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biprompt.experts.negative import presence_of
from biprompt.experts.pair import Proposal, Row, decode
from biprompt.experts.plan import Plan
from biprompt.runtime.base import Grounding, ImageEmbedding, Runtime
from biprompt.selection import Policy


def decode_needed(
    runtime: Runtime,
    embedding: ImageEmbedding,
    rows: Sequence[Row],
    plans: Sequence[Plan],
    grounding: Grounding | None,
    policy: Policy,
) -> list[list[Proposal]]:
    """Masks of every row, as `decode`, but an empty one of score 0 where none is needed.

    None is needed of words alone whose presence is below the threshold: their answer is absent
    whatever they outline.
    """
    needed = sorted(_needed(plans, grounding, policy))
    nothing = Proposal(np.zeros(embedding.frame.original_hw, np.bool_), 0.0)
    found: list[list[Proposal]] = [[nothing] for _ in rows]
    decoded = decode(runtime, embedding, [rows[row] for row in needed], grounding)
    for row, proposals in zip(needed, decoded, strict=True):
        found[row] = proposals
    return found


def _needed(plans: Sequence[Plan], grounding: Grounding | None, policy: Policy) -> set[int]:
    """The rows of the plans whose answer hangs on a mask; plans with the same words share one."""
    return {
        row
        for plan in plans
        if not _is_absent(plan, grounding, policy)
        for row in (plan.point, plan.text, plan.joint, *(n[0] for n in plan.negatives if n))
        if row is not None
    }


def _is_absent(plan: Plan, grounding: Grounding | None, policy: Policy) -> bool:
    presence = presence_of(grounding, plan.phrase)
    return plan.point is None and presence is not None and presence < policy.presence_threshold
