"""Words on every slice of a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.presence import ContextCache, Domain, resolve
from biprompt.presence.questions import concepts_of
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.segmenter.questions import ask
from biprompt.segmenter.volumes.answer import VolumeAnswer, measure
from biprompt.segmenter.volumes.following import Model, follow
from biprompt.segmenter.volumes.rules import StopRules
from biprompt.segmenter.volumes.scan import Scan

MAX_ORGANS = 255
"""Numbers that a label map of uint8 has."""

_Answers = Mapping[str, Segmentation]


def ask_volume(
    model: Model, scan: Scan, prompt: Prompt, *, every: int = 1, rules: StopRules | None = None,
    domain: Domain | ContextCache | str | PathLike[str] | None = None,
) -> VolumeAnswer:  # fmt: skip
    """Ask for a named thing on every slice, or every nth; it may be refused on each.

    Of every nth, the slices between are followed from the asked ones as in `segment_volume`, the
    largest masks first. Slices on which nothing can be seen are not asked.

    Args:
        model: answers slices.
        scan: the volume as pictures.
        prompt: words; of a domain, a question, and nothing else.
        every: n.
        rules: when following between two asked slices stops.
        domain: what can be asked for, as `biprompt.segmenter.questions.ask` takes it; each thing
            that is meant gets a number of its own. None asks for the words as they are.

    Raises:
        InputError: `every` is not 1 or more, or the prompt holds no words.
        DataError: there is no such domain.
        ImageError: a slice cannot be read.
    """
    if every < 1:
        raise InputError("every", expected="a whole number, 1 or more", actual=every)
    if prompt.text is None:
        raise InputError("prompt", expected="words to ask for", actual="none")
    phrase, labels = prompt.text.phrase, np.zeros(scan.volume.shape, np.uint8)
    names, one = _asker(model, prompt, domain)
    if isinstance(one, str):
        organ = measure(scan, labels, phrase)
        return VolumeAnswer(Verdict.ABSENT, one, labels, (organ,), scan, model.name, phrase)
    answers = {at: one(picture) for at in range(0, scan.count, every)
               if (picture := scan.seen(at)) is not None}  # fmt: skip
    reasons, organs, found = [], [], False
    for number, name in enumerate(names, 1):
        own = {at: told[name] for at, told in answers.items()}
        there = {at: answer for at, answer in own.items()
                 if answer.verdict is not Verdict.ABSENT and answer.mask.any()}  # fmt: skip
        masks = _filled(model, scan, there, every, rules or StopRules())
        _draw(scan.stack(labels), masks, number)
        organs.append(measure(scan, labels, name, number))
        said = _reason(scan, own, sorted(there))
        reasons.append(said if len(names) == 1 else f"{name}: {said}")
        found = found or bool(there)
    verdict = Verdict.FOUND if found else Verdict.ABSENT
    reason = " ".join(reasons)
    return VolumeAnswer(verdict, reason, labels, tuple(organs), scan, model.name, phrase)


def _asker(
    model: Model, prompt: Prompt, domain: Domain | ContextCache | str | PathLike[str] | None
) -> tuple[Sequence[str], Callable[[Any], _Answers] | str]:
    """The things that are asked for, and what asks a slice; or why the question is refused."""
    phrase = "" if prompt.text is None else prompt.text.phrase
    if domain is None:
        return [phrase], lambda picture: {phrase: model.segment(picture, prompt=prompt)}
    cache = concepts_of(domain) if not isinstance(domain, ContextCache) else domain
    meant = resolve(phrase, cache)
    if meant.refused:
        return [], meant.reason
    names = list(meant.concepts)[:MAX_ORGANS]
    segmenter: Any = model  # a question is asked of a whole `Segmenter`
    return names, lambda picture: ask(segmenter, picture, phrase, domain=cache).answers


def _filled(
    model: Model, scan: Scan, there: Mapping[int, Segmentation], every: int, rules: StopRules
) -> dict[int, NDArray[np.bool_]]:
    """Masks by slice: those that were asked, and what follows from them up to the next ones."""
    masks = {at: answer.mask for at, answer in there.items()}
    for at in sorted(there, key=lambda at: (-int(there[at].mask.sum()), at)):
        for step in (-1, 1):
            beside = range(at + step, at + step * every, step)
            free = next((n for n, place in enumerate(beside) if place in masks), every - 1)
            if free:
                masks |= follow(model, scan, at, there[at], step, rules, limit=free).masks
    return masks


def _draw(stack: NDArray[np.uint8], masks: Mapping[int, NDArray[np.bool_]], number: int) -> None:
    """Number the voxels of an organ that no earlier one has."""
    for at, mask in masks.items():
        stack[at][mask & (stack[at] == 0)] = number


def _reason(scan: Scan, answers: Mapping[int, Segmentation], found: Sequence[int]) -> str:
    """One sentence: on how many slices, and what the model said on the surest one."""
    if not answers:
        return f"Nothing can be seen on any {scan.axis} slice that was asked."
    surest = max(found or answers, key=lambda at: (answers[at].presence or 0.0, -at))
    said = f"slice {surest}: {answers[surest].card.reason}"
    if not found:
        return f"On none of the {len(answers)} {scan.axis} slices asked; nearest, {said}"
    return f"On {len(found)} of the {len(answers)} {scan.axis} slices asked; surest, {said}"
