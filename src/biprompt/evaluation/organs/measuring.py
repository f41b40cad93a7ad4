"""Ask one slice for every organ, and count what the answers are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biprompt.data.clicks import next_click
from biprompt.data.outlines import BoolMask
from biprompt.data.volumes import SliceSample, VolumeSample
from biprompt.evaluation.model import Contender, check_answer, click_prompt
from biprompt.evaluation.organs.questions import Question, Told
from biprompt.evaluation.organs.record import ELSEWHERE, OrgansRun
from biprompt.evaluation.referring.asking import is_refused
from biprompt.masks import bbox_xyxy
from biprompt.metrics import overlap
from biprompt.prompts import Prompt
from biprompt.results import Segmentation


class Asked(NamedTuple):
    """A question about one slice.

    Attributes:
        question: what is asked.
        truth: (H, W) bool, the organ; empty where it is not there.
        prompt: how it is asked.
    """

    question: Question
    truth: BoolMask
    prompt: Prompt


def slice_key(volume: VolumeSample, index: int) -> str:
    """Return the name of a slice in records."""
    return f"{volume.image_id}/{index:04d}"


def measure_slice(
    contender: Contender,
    volume: VolumeSample,
    plane: SliceSample,
    questions: Sequence[Question],
    told: Told,
) -> OrgansRun:
    """Return the record of one slice; it is looked at once, all its questions are one call.

    Raises:
        PromptError: the model does not take such prompts.
    """
    asked = asked_of(volume, plane, questions, told)
    answers = answers_to(contender, plane, asked)
    for each, answer in zip(asked, answers, strict=True):
        check_answer(answer, each.truth, volume.path)
    sums = [overlap(answer.mask, each.truth) for each, answer in zip(asked, answers, strict=True)]
    shown = [most_like(answer.mask, plane.labels, volume.organs) for answer in answers]
    return OrgansRun(
        key=slice_key(volume, plane.index),
        volume=volume.image_id,
        index=plane.index,
        asked=[each.question.name for each in asked],
        pixels=[(each.intersection, each.prediction, each.truth) for each in sums],
        refused=[is_refused(answer, contender) for answer in answers],
        presence=[None if one.presence is None else float(one.presence) for one in answers],
        shown=[_named(*pair) for pair in zip(asked, shown, strict=True)],
        understood=[answer.card.text_understood for answer in answers],
    )


def asked_of(
    volume: VolumeSample, plane: SliceSample, questions: Sequence[Question], told: Told
) -> list[Asked]:
    """Return what a slice is asked; a click or a box can only be drawn from what is there."""
    numbers = {name: number for number, name in enumerate(volume.organs, start=1)}
    asked = []
    for question in questions:
        truth = np.isin(plane.labels, [numbers[name] for name in question.organs])
        if told is Told.QUESTION or truth.any():
            asked.append(Asked(question, truth, _prompt(question, truth, told)))
    return asked


def answers_to(
    contender: Contender, plane: SliceSample, asked: Sequence[Asked]
) -> list[Segmentation]:
    """Ask; the mask comes whatever the presence, so that refusals can count or not."""
    if not asked:
        return []
    policy = replace(contender.policy, presence_threshold=0.0)
    scene: Any = contender.model.embed(plane.pixels())
    prompts = [each.prompt for each in asked]
    return list(contender.model.segment_many(scene, prompts, policy=policy))


def most_like(mask: BoolMask, labels: NDArray[np.int16], organs: Sequence[str]) -> str:
    """Return the organ with the highest Dice beside a mask; of equal ones the first.

    Args:
        mask: (H, W) bool.
        labels: (H, W) numbers of organs, from 1; 0 is none.
        organs: their names.

    Returns:
        Its name, ELSEWHERE where the mask shares no pixel with any.
    """
    shared, areas = (
        np.bincount(part, minlength=len(organs) + 1)[1:] for part in (labels[mask], labels.ravel())
    )
    if not shared.any():
        return ELSEWHERE
    return organs[int(np.argmax(2 * shared / (np.count_nonzero(mask) + areas)))]


def _named(asked: Asked, shown: str) -> str:
    """The name of the question where it means the organ shown."""
    return asked.question.name if shown in asked.question.organs else shown


def _prompt(question: Question, truth: BoolMask, told: Told) -> Prompt:
    if told is Told.QUESTION:
        return Prompt.build(text=question.phrase)
    if told is Told.BOX:
        return Prompt.build(box=bbox_xyxy(truth))
    click = next_click(truth, np.zeros_like(truth))
    return click_prompt([] if click is None else [(click.x, click.y)], [1])
