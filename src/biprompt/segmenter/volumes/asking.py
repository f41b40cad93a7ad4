"""Words on every slice of a volume."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biprompt.errors import InputError
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.segmenter.volumes.answer import VolumeAnswer, measure
from biprompt.segmenter.volumes.following import Model, follow
from biprompt.segmenter.volumes.rules import StopRules
from biprompt.segmenter.volumes.scan import Scan


def ask_volume(
    model: Model, scan: Scan, prompt: Prompt, *, every: int = 1, rules: StopRules | None = None
) -> VolumeAnswer:
    """Ask for a named thing on every slice, or every nth; it may be refused on each.

    Of every nth, the slices between take the mask of the nearest slice that was asked, followed as
    in `segment_volume`. Slices on which nothing can be seen are not asked.

    Args:
        model: answers slices.
        scan: the volume as pictures.
        prompt: words.
        every: n.
        rules: when following between two asked slices stops.

    Raises:
        InputError: `every` is not 1 or more, or the prompt holds no words.
        ImageError: a slice cannot be read.
    """
    if every < 1:
        raise InputError("every", expected="a whole number, 1 or more", actual=every)
    if prompt.text is None:
        raise InputError("prompt", expected="words to ask for", actual="none")
    asked = {at: picture for at in range(0, scan.count, every)
             if (picture := scan.seen(at)) is not None}  # fmt: skip
    answers = {at: model.segment(picture, prompt=prompt) for at, picture in asked.items()}
    found = {at: answer for at, answer in answers.items()
             if answer.verdict is not Verdict.ABSENT and answer.mask.any()}  # fmt: skip
    labels = np.zeros(scan.volume.shape, np.uint8)
    stack = scan.stack(labels)
    for at, answer in found.items():
        stack[at][answer.mask] = 1
        for step, limit in ((-1, (every - 1) // 2), (1, every // 2)):
            if limit:
                side = follow(model, scan, at, answer, step, rules or StopRules(), limit=limit)
                for between, mask in side.masks.items():
                    stack[between][mask] = 1
    organ = measure(scan, labels, prompt.text.phrase)
    verdict = Verdict.FOUND if found else Verdict.ABSENT
    reason = _reason(scan, answers, sorted(found))
    return VolumeAnswer(verdict, reason, labels, (organ,), scan, model.name, prompt.text.phrase)


def _reason(scan: Scan, answers: dict[int, Segmentation], found: Sequence[int]) -> str:
    """One sentence: on how many slices, and what the model said on the surest one."""
    if not answers:
        return f"Nothing can be seen on any {scan.axis} slice that was asked."
    surest = max(found or answers, key=lambda at: (answers[at].presence or 0.0, -at))
    said = f"slice {surest}: {answers[surest].card.reason}"
    if not found:
        return f"On none of the {len(answers)} {scan.axis} slices asked; nearest, {said}"
    return f"On {len(found)} of the {len(answers)} {scan.axis} slices asked; surest, {said}"
