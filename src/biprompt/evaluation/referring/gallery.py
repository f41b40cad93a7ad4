"""Answers to look at: the best, the median, the worst, and false ones where nothing is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from biprompt.errors import InputError
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.referring.asking import ask, wording
from biprompt.evaluation.referring.questions import Question
from biprompt.evaluation.referring.records import ReferringRun
from biprompt.evaluation.referring.truth import decoded
from biprompt.evaluation.study import look, middle_and_ends
from biprompt.results import Segmentation

COUNT = 4
"""Answers of a kind."""


def galleries(
    contender: Contender,
    questions: Iterable[Question],
    runs: Sequence[ReferringRun],
    pattern: str,
    *,
    refusing: bool,
) -> list[Gallery]:
    """Ask some questions once more, and return what came.

    Args:
        contender: who is asked.
        questions: all of them.
        runs: its records.
        pattern: what is said, "{}" where the words go.
        refusing: whether refusals count.
    """
    by_key = {question.key: question for question in questions}
    shown = {
        title: [
            _shot(contender, by_key[run.key], run, pattern, refusing=refusing) for run in chosen
        ]
        for title, chosen in _chosen(runs, refusing=refusing).items()
    }
    return [Gallery(title, tuple(shots)) for title, shots in shown.items() if shots]


def _chosen(runs: Sequence[ReferringRun], *, refusing: bool) -> Mapping[str, list[ReferringRun]]:
    asked = [run for run in runs if run.asked and not run.unread]
    targets = [run for run in asked if run.truth]
    chosen = middle_and_ends(targets, lambda run: run.overlap(refusing=refusing).iou, COUNT)
    false = [run for run in asked if not run.truth and run.overlap(refusing=refusing).prediction]
    largest = sorted(false, key=lambda run: -run.prediction / run.pixels)
    return chosen | {"an answer where nothing is meant": largest[:COUNT]}


def _shot(
    contender: Contender, question: Question, run: ReferringRun, pattern: str, *, refusing: bool
) -> Shot:
    scene = look(contender, question.picture)
    (answer,) = ask(contender, scene, [wording(question, pattern)], refusing=refusing)
    if not isinstance(answer, Segmentation):
        raise InputError("phrase", expected="words that were asked before", actual=answer)
    if answer.image is None:
        answer = replace(answer, image=question.picture.load().pixels)
    said = f"“{run.phrase}”: IoU {run.overlap(refusing=refusing).iou:.2f}"
    presence = "" if run.presence is None else f", presence {run.presence:.2f}"
    return Shot(said + presence, answer, decoded(question.target))
