"""Prompts with a rule of their own: sets of prompts, and masks drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.composing import Composed, Composition, compose_all, told_of
from biprompt.experts.drawn import Drawn, keep_or_refine
from biprompt.experts.negative import without
from biprompt.experts.pair import Proposal
from biprompt.experts.plan import Batch, Plan
from biprompt.experts.pool import Offer, Pool
from biprompt.results import Verdict
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Choice, Policy
from biprompt.selection.composing import estimator
from biprompt.selection.evidence import Told, evidence


@dataclass(frozen=True, slots=True, eq=False)
class Special:
    """What is asked beyond the gate's own rows; None where a prompt has nothing of the kind.

    Attributes:
        sets: several prompts together, where the pool is that of the parts.
        drawings: masks drawn by hand, unless they may be refined freely.
    """

    sets: tuple[Composition | None, ...]
    drawings: tuple[Drawn | None, ...]

    @classmethod
    def of(cls, plans: Sequence[Plan], batch: Batch, policy: Policy) -> Special:
        """Plan the rows that prompts of these kinds need."""
        parts = policy.pool == "parts" and policy.granularity is None
        kept = policy.refine == "keep"
        return cls(
            tuple(Composition.of(plan, batch) if parts else None for plan in plans),
            tuple(Drawn.of(plan, batch) if kept else None for plan in plans),
        )

    @property
    def asked(self) -> bool:
        """Whether there is any."""
        return any(one is not None for one in (*self.sets, *self.drawings))

    def decide(
        self, runtime: Runtime, embedding: ImageEmbedding, pools: Sequence[Pool],
        rows: Sequence[Sequence[Proposal]], policy: Policy,
    ) -> tuple[list[Pool], list[Choice | None]]:  # fmt: skip
        """Pools and choices of all prompts; None where the gate is to choose as always.

        Args:
            runtime: the model that looked at the image.
            embedding: the image.
            pools: the gate's own candidates of every prompt.
            rows: proposals of every row.
            policy: how the gate decides.
        """
        decided: list[tuple[Pool, Choice | None]] = [(pool, None) for pool in pools]
        for i, drawn in enumerate(self.drawings):
            if drawn is not None:
                decided[i] = keep_or_refine(pools[i], drawn, rows, embedding)
        found = _sets(runtime, embedding, pools, self.sets, rows, policy)
        for i, one in found.items():
            decided[i] = one
        return [pool for pool, _ in decided], [choice for _, choice in decided]


def _sets(
    runtime: Runtime, embedding: ImageEmbedding, pools: Sequence[Pool],
    sets: Sequence[Composition | None], rows: Sequence[Sequence[Proposal]], policy: Policy,
) -> dict[int, tuple[Pool, Choice]]:  # fmt: skip
    """Choose for every set of prompts.

    The gate's own candidates give the verdict. Where it is `absent` it stands; where words and
    pointing disagree, candidates that words had a part in do not count.
    """
    hw = embedding.frame.original_hw
    gate = {i: pools[i].choose(hw, policy) for i, one in enumerate(sets) if one is not None}
    answered = [i for i, choice in gate.items() if choice.verdict is not Verdict.ABSENT]
    heard = [_heard(pools[i], gate[i]) for i in answered]
    asked = [one for i in answered if (one := sets[i]) is not None]
    found = compose_all(runtime, embedding, asked, rows, heard)
    decided = {i: (pools[i], choice) for i, choice in gate.items()}
    for i, composed, words in zip(answered, found, heard, strict=True):
        decided[i] = _decided(pools[i], gate[i], composed, words, policy, hw)
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
    if not any(proposal.mask.any() for proposal in clean):
        return pool, choice
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
