"""Ask a photograph for everything, with the text gate and without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import biprompt
from benchmarks.refusal.estimating import Looked
from biprompt import Prompt, Segmentation, Segmenter
from biprompt.evaluation.absence import Photograph
from biprompt.presence import Resolution, resolve
from biprompt.presence.bank import read_bank
from biprompt.presence.questions import concepts_of
from biprompt.segmenter.questions import signs

NAMES, OTHER, OUTSIDE = "the 80 names", "the names in other words", "things outside the domain"
SORTS = (NAMES, OTHER, OUTSIDE)
_BATCH = 16


@dataclass(frozen=True)
class Asked:
    """One question of one photograph.

    Attributes:
        photograph: its number.
        sort: of the question.
        there: whether the thing is there.
        alone: presence that the model gives to the words as they are.
        gated: the same for what the question means; 0 where the text gate refuses it.
    """

    photograph: int
    sort: str
    there: bool
    alone: float
    gated: float


def questions() -> tuple[dict[str, Resolution], dict[str, str], list[str]]:
    """Return what each question means, the name behind the other words, and what is outside."""
    cache = concepts_of("coco")
    held = [q for q in read_bank("coco", cache.domain) if q.held_back]
    other = {q.text: next(iter(q.things)) for q in held if q.things}
    outside = [q.text for q in held if not q.things]
    every = [*cache.domain.things, *other, *outside]
    return {text: resolve(text, cache) for text in every}, other, outside


def measure(
    model: Segmenter, photograph: Photograph, number: int
) -> tuple[list[Asked], list[Looked]]:
    """Ask a photograph everything."""
    meant, other, outside = questions()
    there = {question.name: question.there for question in photograph.questions()}
    scene = model.embed(photograph.picture.load().pixels)
    answers = dict(answered(model, scene, meant))
    sorts = dict.fromkeys(there, NAMES) | dict.fromkeys(other, OTHER)
    sorts |= dict.fromkeys(outside, OUTSIDE)
    asked = []
    for text, sort in sorts.items():
        gated = max((presence(answers[thing]) for thing in meant[text].concepts), default=0.0)
        truth = there.get(other.get(text, text), False)
        asked.append(Asked(number, sort, truth, presence(answers[text]), gated))
    likely = [t for t, sort in sorts.items() if sort != OUTSIDE and len(meant[t].concepts) == 1]
    shown = {text: answers[meant[text].concepts[0]] for text in likely}
    shown = {text: answer for text, answer in shown.items() if answer.card.text_mask is not None}
    similar = [meant[text].parts[0].similarity for text in shown]
    seen = signs(model, scene, [*shown.values()], similar)
    looked = [
        Looked(number, there[other.get(text, text)], answer.presence, each.values)
        for (text, answer), each in zip(shown.items(), seen, strict=True)
        if answer.presence is not None and each.area > 0
    ]
    return asked, looked


def answered(
    model: Segmenter, scene: biprompt.segmenter.ImageEmbedding, texts: Iterable[str]
) -> Iterable[tuple[str, Segmentation]]:
    """Yield each text with the model's own answer."""
    every = list(texts)
    for start in range(0, len(every), _BATCH):
        part = every[start : start + _BATCH]
        prompts = [Prompt.build(text=text) for text in part]
        yield from zip(part, model.segment_many(scene, prompts), strict=True)


def presence(answer: Segmentation) -> float:
    """Presence of what was named; 0 where it outlines nothing or was not understood."""
    words = answer.card.text_mask
    return float(answer.presence or 0.0) if words is not None and words.any() else 0.0
