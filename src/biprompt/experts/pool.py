"""The candidates of one prompt, and the gate's choice among them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.negative import Unwanted, presence_of, union, unwanted_of, without
from biprompt.experts.pair import Proposal, Row, decode
from biprompt.experts.plan import Plan
from biprompt.masks import component_at
from biprompt.masks.stacking import stacked
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Source
from biprompt.runtime.base import Grounding, ImageEmbedding, Runtime
from biprompt.selection import Choice, Policy, select


class Offer(NamedTuple):
    """A proposal and where it comes from."""

    source: Source
    number: int
    proposal: Proposal


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The candidates of one prompt and what the words say.

    Attributes:
        plan: the prompt and where its parts were found.
        offers: the candidates.
        text: what the words outline; None without words that mean something.
        presence: 0 to 1, how likely the named thing is there; None with `text`.
        negatives: what is not meant.
    """

    plan: Plan
    offers: tuple[Offer, ...]
    text: Proposal | None
    presence: float | None
    negatives: tuple[Unwanted, ...]

    @classmethod
    def of(
        cls, plan: Plan, found: Sequence[Sequence[Proposal]], grounding: Grounding | None,
        policy: Policy,
    ) -> Pool:  # fmt: skip
        """Gather the rows of one plan.

        Args:
            plan: of the prompt.
            found: proposals of every row.
            grounding: of all phrases.
            policy: says from which presence a negative phrase counts.
        """
        negatives = unwanted_of(plan, found, grounding, policy)
        unwanted = union(negatives)
        text = None if plan.text is None else without(found[plan.text], unwanted)[0]
        offers = [
            Offer(source, i, proposal)
            for source, row in ((Source.POINT, plan.point), (Source.JOINT, plan.joint))
            for i, proposal in enumerate(without([] if row is None else found[row], unwanted))
        ]
        if plan.point is None and text is not None:
            offers = [Offer(Source.TEXT, 0, text)]
        return cls(plan, tuple(offers), text, presence_of(grounding, plan.phrase), negatives)

    @property
    def unwanted(self) -> NDArray[np.bool_] | None:
        """All that is taken out of every candidate, ``(H, W)`` bool; None where that is nothing."""
        return union(self.negatives)

    def plus(self, source: Source, proposal: Proposal) -> Pool:
        """With one more candidate."""
        return replace(self, offers=(*self.offers, Offer(source, 0, proposal)))

    def with_clicked_part(self) -> Pool:
        """With the part of the text mask that is clicked, where there is one."""
        if self.text is None or self.plan.asked.where is None:
            return self
        part = _clicked_part(self.text, self.plan.asked.prompt)
        return self if part is None else self.plus(Source.TEXT_AT_CLICK, part)

    def refining_row(self, hw: tuple[int, int], policy: Policy) -> Row | None:
        """The pointing again, starting from what the gate takes among the pointed candidates.

        Args:
            hw: height and width of the original image.
            policy: how the gate decides.
        """
        where = self.plan.asked.where
        pointed = replace(self, offers=tuple(o for o in self.offers if o.source == Source.POINT))
        winner = None if where is None else pointed.choose(hw, policy).winner
        if where is None or winner is None:
            return None
        soft = pointed.offers[winner].proposal.soft
        return None if soft is None else Row(replace(where, cells=soft))

    def answer(
        self, embedding: ImageEmbedding, policy: Policy, timings: dict[str, float],
        choice: Choice | None = None,
    ) -> Segmentation:  # fmt: skip
        """Let the gate choose, unless somebody has chosen, and write the card."""
        started = time.perf_counter()
        choice = choice or self.choose(embedding.frame.original_hw, policy)
        timings = timings | {"gate": (time.perf_counter() - started) * 1e3}
        asked, winner = self.plan.asked, choice.winner
        return Segmentation(
            mask=choice.mask,
            verdict=choice.verdict,
            presence=self.presence,
            card=self._card(choice, policy, timings),
            model=embedding.model,
            image_path=embedding.path,
            phrase=asked.prompt.text.phrase if asked.prompt.text else None,
            image=embedding.pixels,
            prompt=asked.prompt,
            soft=None if winner is None else self.offers[winner].proposal.soft,
        )

    @property
    def _understood(self) -> bool | None:
        said = self.plan.asked.text
        return None if said is None else said.understood

    def choose(self, hw: tuple[int, int], policy: Policy) -> Choice:
        """What the gate makes of the candidates; `hw` is the size of the original image."""
        masks = [offer.proposal.mask for offer in self.offers]
        return select(
            stacked(masks) if masks else np.zeros((0, *hw), np.bool_),
            np.array([offer.proposal.score for offer in self.offers]),
            [offer.source for offer in self.offers],
            text_mask=None if self.text is None else self.text.mask,
            presence=self.presence,
            text_understood=self._understood,
            policy=policy,
        )

    def _card(self, choice: Choice, policy: Policy, timings: dict[str, float]) -> SelectionCard:
        return SelectionCard(
            candidates=tuple(self._candidates(choice)),
            text_mask=None if self.text is None else self.text.mask,
            winner=choice.winner,
            similarity=choice.similarity,
            margin=choice.margin,
            metric=policy.metric,
            policy=policy.name,
            pool=policy.pool,
            reason=choice.reason + self._left_out(),
            text_understood=self._understood,
            timings_ms={name: round(value, 3) for name, value in timings.items()},
        )

    def _candidates(self, choice: Choice) -> Iterator[Candidate]:
        for row, (source, number, proposal) in enumerate(self.offers):
            alike = None if choice.similarities is None else float(choice.similarities[row])
            yield Candidate(source, number, proposal.score, alike, proposal.mask)

    def _left_out(self) -> str:
        """Words that took no part, in sentences."""
        said = self.plan.asked.text
        left = ""
        if said is not None and said.ignored and said.understood:
            words = ", ".join(f"“{word}”" for word in said.ignored)
            left += f" Unknown words were left out: {words}."
        return left + "".join(one.note for one in self.negatives)


def widened(
    runtime: Runtime, embedding: ImageEmbedding, pools: Sequence[Pool], policy: Policy
) -> list[Pool]:
    """The pools with the clicked part of each text mask, and the pointed choice refined once."""
    hw = embedding.frame.original_hw
    wider = [pool.with_clicked_part() for pool in pools]
    asked = [i for i, pool in enumerate(wider) if pool.text is not None]
    able = asked if runtime.facts.masks else []
    rows = [(i, row) for i in able if (row := wider[i].refining_row(hw, policy))]
    refined = decode(runtime, embedding, [row for _, row in rows], None)
    for (i, _), proposals in zip(rows, refined, strict=True):
        wider[i] = wider[i].plus(Source.REFINE, without(proposals, wider[i].unwanted)[0])
    return wider


def _clicked_part(text: Proposal, prompt: Prompt) -> Proposal | None:
    """The parts of the text mask under the adding clicks; None without a click on it."""
    if prompt.points is None or not prompt.points.labels.any():
        return None
    part = component_at(text.mask, prompt.points.xy[prompt.points.labels == 1])
    return Proposal(part, text.score) if part.any() else None
