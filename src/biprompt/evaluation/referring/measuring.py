"""Ask the questions of one image, and count what the answers are worth."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.referring.asking import Answer, ask, is_refused, surest_pixel, wording
from biprompt.evaluation.referring.questions import Question
from biprompt.evaluation.referring.records import ReferringRun
from biprompt.evaluation.referring.truth import decoded
from biprompt.metrics import overlap
from biprompt.results import Segmentation

AT_ONCE = 16
"""Questions of one call: an image may be asked for each of 171 classes."""

Masks = tuple[BoolMask, BoolMask | None]
"""Target and pixels to ignore."""


def measure_image(
    contender: Contender,
    scene: Callable[[], Any],
    questions: Sequence[Question],
    pattern: str,
    *,
    every: bool,
    done: Container[str] = (),
) -> Iterator[ReferringRun]:
    """Yield one record a question.

    Questions are asked together as they come, done ones too: how many share a call may change the
    last bits of an answer, and a run that was stopped must end like one that was not.

    Args:
        contender: who is asked.
        scene: lets it look at the image; called when there is something to ask.
        questions: of the image, all of them.
        pattern: what is said, "{}" where the words go.
        every: ask also for what the image does not show.
        done: keys of questions whose records are there.
    """
    for start in range(0, len(questions), AT_ONCE):
        some = questions[start : start + AT_ONCE]
        if all(each.key in done for each in some):
            continue
        asked = [each for each in some if every or decoded(each.target).any()]
        seen = scene() if asked else None
        phrases = [wording(each, pattern) for each in asked]
        answers = ask(contender, seen, phrases, refusing=False) if asked else []
        found = {each.key: answer for each, answer in zip(asked, answers, strict=True)}
        for each in some:
            if each.key not in done:
                yield _record(each, pattern, found.get(each.key), contender, seen)


def _record(
    question: Question, pattern: str, answer: Answer | None, contender: Contender, scene: Any
) -> ReferringRun:
    masks = decoded(question.target), None if question.ignore is None else decoded(question.ignore)
    if not isinstance(answer, Segmentation):
        return _unanswered(question, pattern, masks, answer)
    check_answer(answer, masks[0], question.picture.path)
    sums = overlap(answer.mask, *masks)
    return ReferringRun(
        *(question.key, question.split, question.image, wording(question, pattern)),
        *(question.label, question.same),
        *(sums.intersection, sums.prediction, sums.truth, _counted(*masks)),
        refused=is_refused(answer, contender),
        presence=None if answer.presence is None else float(answer.presence),
        understood=answer.card.text_understood,
        hit=_hit(answer, scene, masks),
    )


def _unanswered(question: Question, pattern: str, masks: Masks, reason: str | None) -> ReferringRun:
    """The record of what could not be asked, for a reason, or was not, for none."""
    sums = overlap(np.zeros_like(masks[0]), *masks)
    return ReferringRun(
        *(question.key, question.split, question.image, wording(question, pattern)),
        *(question.label, question.same),
        *(0, 0, sums.truth, _counted(*masks)),
        refused=True,
        hit=False if sums.truth and reason else None,
        unread=reason or "",
        asked=reason is not None,
    )


def _counted(truth: BoolMask, ignore: BoolMask | None) -> int:
    return truth.size - (0 if ignore is None else int(np.count_nonzero(ignore)))


def _hit(answer: Segmentation, scene: Any, masks: Masks) -> bool | None:
    truth, ignore = masks
    if not truth.any():
        return None
    pixel = surest_pixel(answer, scene)
    if pixel is None:
        return False
    return None if ignore is not None and ignore[pixel] else bool(truth[pixel])
