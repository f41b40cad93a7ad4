"""Examples beside the other prompts: what is offered to the gate, and what it makes of it.

Examples alone: the proposal expected to be best, unless nothing resembles them. With something
pointed at, they stand where words stand in BiPrompt-SAM (eq. 5): the pointed candidate most similar
to what resembles the examples. With words, both kinds of masks are offered, and that on which
examples and words agree best is taken. Negative examples alone take out what they show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.examples.expert import Resembling, resembling
from biprompt.experts.examples.seen import Seen
from biprompt.experts.negative import without
from biprompt.experts.pair import Proposal
from biprompt.experts.pool import Offer, Pool
from biprompt.masks import iou_matrix
from biprompt.prompts import Example
from biprompt.results import Source, Verdict
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Choice, Policy, select

Decided = tuple[Pool, Choice | None]
MOST = 0.5
"""Part of an answer from which negative examples contradict it."""


def show_all(
    runtime: Runtime,
    image: ImageEmbedding,
    pools: Sequence[Pool],
    choices: Sequence[Choice | None],
    policy: Policy,
) -> tuple[list[Pool], list[Choice | None]]:
    """Choose for every prompt with examples; the others stay as they are.

    Args:
        runtime: the model that looked at the image.
        image: the image.
        pools: the candidates of every prompt without its examples.
        choices: what was chosen already; None where nothing was.
        policy: how the gate decides.
    """
    decided = [
        _shown(runtime, image, pool, policy) if pool.plan.asked.seen else (pool, choice)
        for pool, choice in zip(pools, choices, strict=True)
    ]
    return [pool for pool, _ in decided], [choice for _, choice in decided]


def _shown(runtime: Runtime, image: ImageEmbedding, pool: Pool, policy: Policy) -> Decided:
    seen = pool.plan.asked.seen
    if not any(one.example.label for one in seen):
        return _denied(
            pool, resembling(runtime, image, [_meant(one) for one in seen]), policy, image
        )
    found = resembling(runtime, image, seen)
    kept = [one for one in without(found.proposals, pool.unwanted) if one.mask.any()]
    found = replace(found, proposals=tuple(kept))
    if pool.plan.point is not None:
        return _pointed(pool, found, policy)
    if pool.text is not None:
        return _named(pool, pool.text, found, policy)
    return _alone(pool, found, policy, image.frame.original_hw)


def _meant(one: Seen) -> Seen:
    return replace(one, example=Example(one.example.image, one.example.mask))


def _denied(pool: Pool, found: Resembling, policy: Policy, image: ImageEmbedding) -> Decided:
    """Negative examples without others: what resembles them is taken out of every candidate.

    Not where that would be most of the answer: then it is the thing itself that resembles them.
    """
    hw = image.frame.original_hw
    choice = pool.choose(hw, policy)
    if not found.proposals or _is_low(found.presence, policy):
        return pool, _noting(
            choice, "Nothing here resembles the negative examples, so nothing was taken out."
        )
    unwanted = found.proposals[0].mask
    if (choice.mask & unwanted).sum() > MOST * choice.mask.sum():
        return pool, _noting(
            choice, "Most of it resembles the negative examples, so nothing was taken out."
        )
    offers = tuple(o._replace(proposal=without([o.proposal], unwanted)[0]) for o in pool.offers)
    text = None if pool.text is None else without([pool.text], unwanted)[0]
    less = replace(pool, offers=offers, text=text)
    return less, _noting(less.choose(hw, policy), "What the negative examples show was taken out.")


def _noting(choice: Choice, note: str) -> Choice:
    return replace(choice, reason=f"{choice.reason} {note}")


def _alone(pool: Pool, found: Resembling, policy: Policy, hw: tuple[int, int]) -> Decided:
    """Examples decide by themselves; words that mean nothing to the model say nothing."""
    pool = replace(pool, offers=tuple(_offers(found)), presence=found.presence)
    compared = _compared(found.presence, policy)
    if not found.proposals or _is_low(found.presence, policy):
        said = f" ({compared})" if compared else ""
        return pool, _absent(f"Nothing in this image resembles the examples{said}.", hw)
    scores = [one.score for one in found.proposals]
    following = f", next {scores[1]:.2f}" if len(scores) > 1 else ""
    said = f"; {compared}" if compared else ""
    reason = (
        f"Candidate 1 of {len(scores)} (example) resembles the examples most "
        f"(expected IoU {scores[0]:.2f}{following}{said})."
    )
    margin = scores[0] - scores[1] if len(scores) > 1 else None
    return pool, Choice(0, Verdict.FOUND, None, margin, reason, found.proposals[0].mask)


def _pointed(pool: Pool, found: Resembling, policy: Policy) -> Decided:
    """What was pointed at is judged by the examples, or by the words where they are surer."""
    if not found.proposals:
        return pool, None
    words_are_surer = (
        pool.text is not None and pool.presence is not None and found.presence is not None
        and pool.presence > found.presence
    )  # fmt: skip
    if words_are_surer:
        return pool, None
    choice = select(
        np.stack([offer.proposal.mask for offer in pool.offers]),
        [offer.proposal.score for offer in pool.offers],
        [offer.source for offer in pool.offers],
        text_mask=found.proposals[0].mask,
        presence=found.presence,
        policy=replace(policy, pool="paper"),
    )
    judged = replace(pool, presence=found.presence)
    return judged, replace(choice, reason=_told(choice, found, policy, pool))


def _told(choice: Choice, found: Resembling, policy: Policy, pool: Pool) -> str:
    alike = f"IoU {choice.similarity or 0.0:.2f}"
    compared = _compared(found.presence, policy)
    said = f"{alike}; {compared}" if compared else alike
    if choice.winner is None:
        return f"Nothing in this image resembles the examples ({compared})."
    name = (
        f"andidate {choice.winner + 1} of {len(pool.offers)} ({pool.offers[choice.winner].source})"
    )
    if choice.verdict is Verdict.FOUND:
        return f"C{name} overlaps what resembles the examples most ({said})."
    return (
        f"What resembles the examples does not overlap what was pointed at enough ({said}), so "
        f"what was pointed at decides: c{name} has the highest predicted IoU."
    )


def _named(pool: Pool, text: Proposal, found: Resembling, policy: Policy) -> Decided:
    """Words and examples: the mask on which both agree best, each heard as far as it is sure."""
    offers = (*_offers(found), *pool.offers)
    presence = _mean(pool.presence, found.presence)
    both = replace(pool, offers=offers, presence=presence)
    masks = np.stack([offer.proposal.mask for offer in offers])
    to_words = iou_matrix(masks, text.mask[None])[:, 0]
    if _is_low(presence, policy):
        compared = _compared(presence, policy)
        reason = f"What is named and shown is not in this image ({compared})."
        return both, replace(_absent(reason, text.mask.shape), similarities=to_words)
    values = _agreement(masks, to_words * text.score, pool, found)
    winner = int(np.lexsort((np.arange(len(values)), -values))[0])
    rest = np.delete(values, winner)
    margin = float(values[winner] - rest.max()) if len(rest) else None
    best = float(to_words[: len(found.proposals)].max(initial=0.0))
    agrees = best >= policy.agree
    name = f"Candidate {winner + 1} of {len(offers)} ({offers[winner].source})"
    reason = f"{name} agrees best with words and examples ({values[winner]:.2f})."
    if not agrees:
        reason = (
            f"What the words outline and what resembles the examples do not overlap (IoU "
            f"{best:.2f}, under {policy.agree:g}): {name[0].lower()}{name[1:]} is the surer one."
        )
    verdict = Verdict.FOUND if agrees else Verdict.DISAGREE
    return both, Choice(winner, verdict, to_words, margin, reason, masks[winner])


def _agreement(
    masks: NDArray[np.bool_], to_words: NDArray[np.float64], pool: Pool, found: Resembling
) -> NDArray[np.float64]:
    """How well each mask ``(K, H, W)`` agrees with the words and with the examples, ``(K,)``.

    With either by its IoU with what they propose, times the IoU expected of that. Each side counts
    by its presence.
    """
    heard = [1.0 if one is None else max(one, 1e-3) for one in (pool.presence, found.presence)]
    expected = np.array([one.score for one in found.proposals])
    if not len(expected):
        return to_words
    alike = iou_matrix(masks, np.stack([one.mask for one in found.proposals]))
    to_examples = (alike * expected).max(1)
    return np.asarray((heard[0] * to_words + heard[1] * to_examples) / sum(heard))


def _offers(found: Resembling) -> list[Offer]:
    return [Offer(Source.EXAMPLE, i, one) for i, one in enumerate(found.proposals)]


def _absent(reason: str, hw: tuple[int, ...]) -> Choice:
    return Choice(None, Verdict.ABSENT, None, None, reason, np.zeros(hw, np.bool_))


def _mean(words: float | None, examples: float | None) -> float | None:
    known = [one for one in (words, examples) if one is not None]
    return sum(known) / len(known) if known else None


def _is_low(presence: float | None, policy: Policy) -> bool:
    return presence is not None and presence < policy.presence_threshold


def _compared(presence: float | None, policy: Policy) -> str:
    if presence is None:
        return ""
    relation = "under" if _is_low(presence, policy) else "at least"
    return f"presence {presence:.2f}, {relation} {policy.presence_threshold:g}"
