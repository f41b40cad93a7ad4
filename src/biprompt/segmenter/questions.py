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
from biprompt.masks import bbox_xyxy, iou_matrix
from biprompt.presence import ContextCache, Domain, Part, Resolution, resolve
from biprompt.presence.gates import GateAnswer, Signs, both_gates, estimate_presence
from biprompt.presence.questions import concepts_of
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Source, Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.core import Segmenter
from biprompt.selection import Policy

_RULE = "refused before looking"
NO_AGREEMENT = 0.5


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
    rules, scene = policy or segmenter.policy, segmenter.embed(image)
    prompts = [Prompt.build(text=thing) for thing in found.concepts]
    answers = segmenter.segment_many(scene, prompts, policy=rules)
    parts = [_part_of(thing, found.parts) for thing in found.concepts]
    seen = _presences(segmenter, scene, answers, parts)
    told: dict[str, tuple[Segmentation, GateAnswer]] = {}
    for thing, answer, part, presence in zip(found.concepts, answers, parts, seen, strict=True):
        gate = both_gates(
            part.probability, presence, named_from=cache.domain.operating.threshold,
            seen_from=rules.presence_threshold, estimated=answer.presence is None,
        )  # fmt: skip
        told[thing] = _gated(answer, gate, presence)
    return Answered(
        found,
        {thing: answer for thing, (answer, _) in told.items()},
        {thing: gate for thing, (_, gate) in told.items()},
        notice,
    )


def signs(
    segmenter: Segmenter,
    scene: ImageEmbedding,
    answers: Sequence[Segmentation],
    similarities: Sequence[float],
) -> list[Signs]:
    """Measure the text masks of answers, for a model that gives no presence score.

    The agreement is that of a second expert, which is shown the box around the mask; NO_AGREEMENT
    where the model has none.
    """
    masks = [a.mask if a.card.text_mask is None else a.card.text_mask for a in answers]
    agreements = [NO_AGREEMENT] * len(masks)
    if segmenter.runtime.facts.points:
        filled = [index for index, mask in enumerate(masks) if mask.any()]
        boxes = [Prompt.build(box=bbox_xyxy(masks[index])) for index in filled]
        again = segmenter.segment_many(scene, boxes) if boxes else []
        for index, other in zip(filled, again, strict=True):
            agreements[index] = float(iou_matrix(masks[index][None], other.mask[None])[0, 0])
    return [
        Signs.of(mask, agreement=agreement, predicted_iou=_predicted(answer), similarity=similarity)
        for mask, agreement, answer, similarity in zip(
            masks, agreements, answers, similarities, strict=True
        )
    ]


def _predicted(answer: Segmentation) -> float:
    """The text expert's own estimate of its IoU; one half where it gives none."""
    scores = [c.score for c in answer.card.candidates if c.source is Source.TEXT]
    return float(np.clip(scores[0], 0, 1)) if scores else 0.5


def _presences(
    segmenter: Segmenter,
    scene: ImageEmbedding,
    answers: Sequence[Segmentation],
    parts: Sequence[Part],
) -> list[float]:
    """The presence of each answer, estimated where the model gives none."""
    if all(answer.presence is not None for answer in answers):
        return [float(answer.presence or 0) for answer in answers]
    seen = signs(segmenter, scene, answers, [part.similarity for part in parts])
    return [
        estimate_presence(sign) if answer.presence is None else answer.presence
        for answer, sign in zip(answers, seen, strict=True)
    ]


def _part_of(thing: str, parts: Sequence[Part]) -> Part:
    """The part of the question that means a thing; the likeliest where several do."""
    return max((p for p in parts if thing in p.things), key=lambda part: part.probability)


def _gated(answer: Segmentation, gate: GateAnswer, seen: float) -> tuple[Segmentation, GateAnswer]:
    if answer.verdict is Verdict.ABSENT:
        # The model's own no stands, and so does its reason.
        return answer, replace(gate, passed=False, reason=answer.card.reason)
    card = replace(answer.card, reason=f"{answer.card.reason} {gate.reason}")
    if gate.passed:
        return replace(answer, presence=seen, card=card), gate
    refused = replace(card, winner=None, similarity=None, margin=None, reason=gate.reason)
    nothing = np.zeros_like(answer.mask)
    absent = replace(
        answer, mask=nothing, soft=None, verdict=Verdict.ABSENT, presence=seen, card=refused
    )
    return absent, gate


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
