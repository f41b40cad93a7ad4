"""The answer to a set of prompts: the gate's verdict, and the candidate expected to be best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.composing import Composed, Composition, compose_all, told_of
from biprompt.experts.negative import without
from biprompt.experts.pair import Proposal
from biprompt.experts.pool import Offer, Pool
from biprompt.results import Verdict
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Choice, Policy
from biprompt.selection.composing import estimator
from biprompt.selection.evidence import Told, evidence


def decide_all(
    runtime: Runtime,
    embedding: ImageEmbedding,
    pools: Sequence[Pool],
    compositions: Sequence[Composition | None],
    rows: Sequence[Sequence[Proposal]],
    policy: Policy,
) -> list[tuple[Pool, Choice]]:
    """Choose for every prompt; where there is nothing to compose, as the gate does.

    The gate's own candidates give the verdict. Where it is `absent` it stands; where words and
    pointing disagree, candidates that words had a part in do not count.

    Args:
        runtime: the model that looked at the image.
        embedding: the image.
        pools: the gate's own candidates of every prompt.
        compositions: what there is to compose.
        rows: proposals of every row.
        policy: how the gate decides.
    """
    hw = embedding.frame.original_hw
    decided = [(pool, pool.choose(hw, policy)) for pool in pools]
    open_ones = {
        i: one
        for i, one in enumerate(compositions)
        if one is not None and decided[i][1].verdict is not Verdict.ABSENT
    }
    heard = [_heard(*decided[i]) for i in open_ones]
    found = compose_all(runtime, embedding, list(open_ones.values()), rows, heard)
    for i, composed, with_words in zip(open_ones, found, heard, strict=True):
        decided[i] = _decided(*decided[i], composed, with_words, policy, hw)
    return decided


def _heard(pool: Pool, choice: Choice) -> bool:
    """Whether words were asked and take part."""
    return pool.text is not None and choice.verdict is Verdict.FOUND


def _decided(
    pool: Pool,
    choice: Choice,
    composed: Composed,
    heard: bool,
    policy: Policy,
    hw: tuple[int, int],
) -> tuple[Pool, Choice]:
    clean = without(composed.proposals, pool.unwanted)
    offers = tuple(
        Offer(source, composed.sources[:i].count(source), proposal)
        for i, (source, proposal) in enumerate(zip(composed.sources, clean, strict=True))
    )
    wider = replace(pool, offers=offers)
    if policy.rule != "composed":
        return wider, wider.choose(hw, policy)
    words = pool.text.mask if heard and pool.text is not None else None
    told = told_of(pool.plan.asked.prompt, words, pool.presence)
    return wider, _best(wider, choice, composed, told)


def measured(composed: Composed, told: Told) -> NDArray[np.float64]:
    """What speaks for each candidate, ``(K, F)``; see `biprompt.selection.evidence`."""
    proposals = composed.proposals
    masks = np.stack([proposal.mask for proposal in proposals])
    scores = [proposal.score for proposal in proposals]
    return evidence(masks, scores, [p.soft for p in proposals], composed.found, told)


def _best(pool: Pool, gate: Choice, composed: Composed, told: Told) -> Choice:
    """The candidate with the highest estimate; the gate's verdict, and why."""
    spoken, rule = measured(composed, told), estimator()
    filled = np.array([offer.proposal.mask.any() for offer in pool.offers])
    if not filled.any():
        return gate
    values = np.where(filled, rule.values(spoken, told.kinds), -np.inf)
    order = np.argsort(-values, kind="stable")
    winner, mask = int(order[0]), pool.offers[int(order[0])].proposal.mask
    margin = float(values[order[0]] - values[order[1]]) if filled.sum() > 1 else None
    ious = rule.ious(spoken, told.kinds)
    name = f"Candidate {winner + 1} of {len(values)} ({pool.offers[winner].source})"
    said = f"{name} is expected to fit best (IoU about {ious[winner]:.2f})."
    if gate.verdict is Verdict.DISAGREE:
        said = (
            f"{gate.reason.split(', so what was pointed at')[0]}, so the words do not count: {said}"
        )
    similarities = _similarities(pool)
    return Choice(winner, gate.verdict, similarities, margin, said, mask)


def _similarities(pool: Pool) -> NDArray[np.float64] | None:
    from biprompt.selection import similarity

    if pool.text is None:
        return None
    return similarity(pool.text.mask, np.stack([offer.proposal.mask for offer in pool.offers]))
