"""Ask a question of an image: one answer for each thing it means, or a refusal.

Organ-Seg (Iftee et al.) answers one organ and calls several at once future work; here each gets a
mask of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import numpy as np

from biprompt.io.images import load_image
from biprompt.masks import iou_matrix
from biprompt.presence import ContextCache, Domain, Part, Resolution, resolve
from biprompt.presence.gates import GateAnswer, Signs, both_gates, estimate_presence
from biprompt.presence.questions import concepts_of
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.core import Segmenter
from biprompt.selection import Policy

_RULE = "refused before looking"


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """The answer to a question.

    Attributes:
        resolution: what the question was found to ask for.
        answers: thing -> its answer, in the order of the domain; where the question is refused,
            one answer with an empty mask under the question itself.
        gates: thing -> what both gates say; empty where the question is refused.
        notice: of the domain, may be empty.
    """

    resolution: Resolution
    answers: dict[str, Segmentation] = field(repr=False)
    gates: dict[str, GateAnswer]
    notice: str = ""

    @property
    def found(self) -> tuple[str, ...]:
        """The things that are there."""
        return tuple(t for t, a in self.answers.items() if a.verdict is not Verdict.ABSENT)

    @property
    def reason(self) -> str:
        """Why, in words: of the refusal, or of each thing."""
        if self.resolution.refused:
            return self.resolution.reason
        said = [f"{thing}: {a.verdict.value}. {a.card.reason}" for thing, a in self.answers.items()]
        refused = [part.reason for part in self.resolution.parts if part.refused]
        return " ".join([*said, *refused])

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values: the resolution, and a list with one object for each answer."""
        answers = [
            {
                "thing": None if self.resolution.refused else thing,
                "probability": round(self.gates[thing].probability, 6) if self.gates else 0.0,
                **answer.to_dict(),
            }
            for thing, answer in self.answers.items()
        ]
        return {
            "question": self.resolution.to_dict(),
            "found": list(self.found),
            "reason": self.reason,
            "notice": self.notice,
            "answers": answers,
        }


def ask(
    segmenter: Segmenter, image: Any, question: str, *,
    domain: Domain | ContextCache | str | PathLike[str] = "organs", policy: Policy | None = None,
) -> Answered:  # fmt: skip
    """Answer a question: first what it asks for, then where that is.

    Args:
        segmenter: the model; it is not asked where the question is refused.
        image: what `Segmenter.embed` takes, or what it gave.
        question: English; several things may be asked for at once.
        domain: what can be asked for: "organs", "instruments", "coco", a file or a value.
        policy: how the gate decides this time.

    Raises:
        PromptError: the question is empty or too long, or the model reads no words.
        DataError: there is no such domain, or its file is wrong.
        ImageError: the image cannot be read.
    """
    cache = domain if isinstance(domain, ContextCache) else concepts_of(domain)
    found = resolve(question, cache)
    notice = cache.domain.notice
    if found.refused:
        return Answered(found, {found.question: _refusal(segmenter, image, found)}, {}, notice)
    prompts = [Prompt.build(text=thing) for thing in found.concepts]
    rules = policy or segmenter.policy
    answers = segmenter.segment_many(image, prompts, policy=rules)
    told = [
        _gated(answer, _part_of(thing, found.parts), rules, cache.domain.operating.threshold)
        for thing, answer in zip(found.concepts, answers, strict=True)
    ]
    return Answered(
        found,
        {thing: answer for thing, (answer, _) in zip(found.concepts, told, strict=True)},
        {thing: gate for thing, (_, gate) in zip(found.concepts, told, strict=True)},
        notice,
    )


def _part_of(thing: str, parts: Sequence[Part]) -> Part:
    """The part of the question that means a thing; the likeliest where several do."""
    return max((p for p in parts if thing in p.things), key=lambda part: part.probability)


def _gated(
    answer: Segmentation, part: Part, policy: Policy, named_from: float
) -> tuple[Segmentation, GateAnswer]:
    estimated = answer.presence is None
    presence = answer.presence
    if presence is None:
        presence = 0.0 if answer.verdict is Verdict.ABSENT else estimate_presence(_signs(answer))
    gate = both_gates(
        part.probability, presence, named_from=named_from,
        seen_from=policy.presence_threshold, estimated=estimated,
    )  # fmt: skip
    if answer.card.text_understood is False:
        # What the model cannot read it cannot see either; the card says so.
        return answer, replace(gate, passed=False, reason=answer.card.reason)
    if not estimated:
        return answer, gate
    card = replace(answer.card, reason=f"{answer.card.reason} {gate.reason}")
    if gate.passed:
        return replace(answer, presence=presence, card=card), gate
    return (
        replace(
            answer,
            mask=np.zeros_like(answer.mask),
            soft=None,
            verdict=Verdict.ABSENT,
            presence=presence,
            card=replace(card, winner=None, similarity=None, margin=None, reason=gate.reason),
        ),
        gate,
    )


def _signs(answer: Segmentation) -> Signs:
    """How the winning mask looks, and how far the other candidates agree with it."""
    candidates = answer.card.candidates
    winner = answer.card.winner
    others = [c.mask for index, c in enumerate(candidates) if index != winner and c.mask.any()]
    # An expert with one mask has nobody to agree with: the estimate was fitted with 0.5 for that.
    agreement = float(iou_matrix(answer.mask[None], np.stack(others)).max()) if others else 0.5
    score = 0.5 if winner is None else candidates[winner].score
    return Signs.of(answer.mask, agreement=agreement, predicted_iou=float(np.clip(score, 0, 1)))


def _refusal(segmenter: Segmenter, image: Any, found: Resolution) -> Segmentation:
    """An empty mask the size of the image; the model does not look at it."""
    known = isinstance(image, ImageEmbedding)
    pixels, path = (image.pixels, image.path) if known else _loaded(image)
    card = SelectionCard(
        (), None, None, None, None, segmenter.policy.metric, _RULE, segmenter.policy.pool,
        found.reason, timings_ms={},
    )  # fmt: skip
    return Segmentation(
        np.zeros(pixels.shape[:2], np.bool_), Verdict.ABSENT, None, card, segmenter.name, path,
        found.question, pixels, Prompt.build(text=found.question),
    )  # fmt: skip


def _loaded(image: Any) -> tuple[Any, str | None]:
    loaded = load_image(image)
    return loaded.pixels, loaded.path
