"""From prompts to answers: plan the decoder's rows, propose, choose, and write the card."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.pair import Proposal, Row, decode, ground, without
from biprompt.experts.words import Phrase, PhraseReader
from biprompt.masks import component_at
from biprompt.presence import presence_probability
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard
from biprompt.runtime.base import Grounding, ImageEmbedding, Runtime
from biprompt.selection import Choice, Policy, select

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A prompt with its phrases read."""

    prompt: Prompt
    text: Phrase | None
    negative: Phrase | None

    @classmethod
    def of(cls, prompt: Prompt, reader: PhraseReader) -> Asked:
        """Reads the phrases of a prompt."""
        text = reader.read(prompt.text.phrase) if prompt.text else None
        negative = reader.read(prompt.negative_text.phrase) if prompt.negative_text else None
        return cls(prompt, text, negative)

    @property
    def spatial(self) -> Prompt | None:
        """The prompt where it points at something."""
        return self.prompt if self.prompt.has_spatial else None


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Rows of the decoder's batch by what they are for; None where there is no such row."""

    asked: Asked
    point: int | None = None
    text: int | None = None
    negative: int | None = None
    joint: int | None = None
    phrase: int | None = None
    """Index of the phrase among all phrases."""
    negative_phrase: int | None = None


@dataclass(slots=True)
class Batch:
    """The rows and phrases of all prompts, each phrase once."""

    rows: list[Row] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    _index: dict[str, int] = field(default_factory=dict)

    def add(self, asked: Asked, *, wide: bool) -> Plan:
        """Plans one prompt."""
        where = asked.spatial
        said = self._phrase(asked.text)
        unwanted = self._phrase(asked.negative)
        return Plan(
            asked,
            point=None if where is None else self._row(Row(where, None)),
            text=None if said is None else self._row(Row(None, said)),
            negative=None if unwanted is None else self._row(Row(None, unwanted)),
            joint=self._row(Row(where, said)) if wide and where and said is not None else None,
            phrase=said,
            negative_phrase=unwanted,
        )

    def _row(self, row: Row) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def _phrase(self, phrase: Phrase | None) -> int | None:
        if phrase is None or not phrase.understood:
            return None
        if phrase.text not in self._index:
            self._index[phrase.text] = len(self.phrases)
            self.phrases.append(phrase)
        return self._index[phrase.text]


def answer_all(
    runtime: Runtime, embedding: ImageEmbedding, asked: Sequence[Asked], policy: Policy
) -> list[Segmentation]:
    """One answer per prompt; all of them share the fusion call and the decoder call."""
    started = time.perf_counter()
    batch = Batch()
    plans = [batch.add(one, wide=policy.pool == "wide") for one in asked]
    grounding = ground(runtime, embedding, batch.phrases)
    grounded = time.perf_counter()
    proposals = decode(runtime, embedding, batch.rows, grounding)
    decoded = time.perf_counter()
    timings = {
        "embed": embedding.seconds * 1e3,
        "ground": (grounded - started) * 1e3,
        "decode": (decoded - grounded) * 1e3,
    }
    answers = []
    for plan in plans:
        pool = Pool.of(plan, proposals, grounding, policy)
        if policy.pool == "wide":
            pool = pool.widened(runtime, embedding)
        answers.append(pool.answer(embedding, policy, timings))
    return answers


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The candidates of one prompt and what the words say."""

    plan: Plan
    candidates: tuple[tuple[str, int, Proposal], ...]
    text: Proposal | None
    presence: float | None
    unwanted: Bool | None

    @classmethod
    def of(
        cls, plan: Plan, found: Sequence[Sequence[Proposal]], grounding: Grounding | None,
        policy: Policy,
    ) -> Pool:  # fmt: skip
        """Gathers the rows of one plan."""
        presence = _presence(grounding, plan.phrase)
        unwanted = None
        if plan.negative is not None:
            there = _presence(grounding, plan.negative_phrase)
            if there is not None and there >= policy.presence_threshold:
                unwanted = found[plan.negative][0].mask
        text = None if plan.text is None else without(found[plan.text], unwanted)[0]
        own = [] if plan.point is None else without(found[plan.point], unwanted)
        candidates = [("point", i, proposal) for i, proposal in enumerate(own)]
        if plan.joint is not None:
            joint = without(found[plan.joint], unwanted)
            candidates += [("joint", i, proposal) for i, proposal in enumerate(joint)]
        if plan.point is None and text is not None:
            candidates = [("text", 0, text)]
        return cls(plan, tuple(candidates), text, presence, unwanted)

    def widened(self, runtime: Runtime, embedding: ImageEmbedding) -> Pool:
        """With the clicked part of the text mask, and that mask refined by the clicks."""
        where, text = self.plan.asked.spatial, self.text
        if where is None or text is None or not text.mask.any():
            return self
        more = list(self.candidates)
        clicked = _clicked_part(text, where)
        if clicked is not None:
            more.append(("text@click", 0, clicked))
        start = clicked or text
        refined = decode(runtime, embedding, [Row(where, None, start.mask)], None)[0]
        more.append(("refine", 0, without(refined, self.unwanted)[0]))
        return Pool(self.plan, tuple(more), text, self.presence, self.unwanted)

    def answer(
        self, embedding: ImageEmbedding, policy: Policy, timings: dict[str, float]
    ) -> Segmentation:
        """Lets the gate choose and writes the card."""
        started = time.perf_counter()
        choice = self._choose(embedding.frame.original_hw, policy)
        timings = timings | {"gate": (time.perf_counter() - started) * 1e3}
        card = SelectionCard(
            candidates=tuple(self._cards(choice)),
            text_mask=None if self.text is None else self.text.mask,
            winner=choice.winner,
            similarity=choice.similarity,
            margin=choice.margin,
            metric=policy.metric,
            policy=policy.name,
            pool=policy.pool,
            reason=choice.reason + self._ignored(),
            text_understood=self._understood,
            timings_ms={name: round(value, 3) for name, value in timings.items()},
        )
        said = self.plan.asked.text
        return Segmentation(
            choice.mask, choice.verdict, self.presence, card, embedding.model, embedding.path,
            said.text if said else None, embedding.pixels, self.plan.asked.prompt,
            None if choice.winner is None else self.candidates[choice.winner][2].soft,
        )  # fmt: skip

    @property
    def _understood(self) -> bool | None:
        said = self.plan.asked.text
        return None if said is None else said.understood

    def _choose(self, hw: tuple[int, int], policy: Policy) -> Choice:
        masks = [proposal.mask for _, _, proposal in self.candidates]
        return select(
            np.stack(masks) if masks else np.zeros((0, *hw), np.bool_),
            np.array([proposal.score for _, _, proposal in self.candidates]),
            [source for source, _, _ in self.candidates],
            text_mask=None if self.text is None else self.text.mask,
            presence=self.presence,
            text_understood=self._understood,
            policy=policy,
        )

    def _cards(self, choice: Choice) -> Iterator[Candidate]:
        for row, (source, index, proposal) in enumerate(self.candidates):
            alike = None if choice.similarities is None else float(choice.similarities[row])
            yield Candidate(source, index, proposal.score, alike, proposal.mask)

    def _ignored(self) -> str:
        said = self.plan.asked.text
        if said is None or not said.ignored or not said.understood:
            return ""
        words = ", ".join(f"“{word}”" for word in said.ignored)
        return f" Unknown words were left out: {words}."


def _presence(grounding: Grounding | None, phrase: int | None) -> float | None:
    if grounding is None or phrase is None:
        return None
    return presence_probability(float(grounding.presence[phrase]))


def _clicked_part(text: Proposal, where: Prompt) -> Proposal | None:
    """The parts of the text mask under the adding clicks; None without a click on it."""
    if where.points is None or not where.points.labels.any():
        return None
    part = component_at(text.mask, where.points.xy[where.points.labels == 1])
    return Proposal(part, text.score) if part.any() else None
