"""Cases to look at: found though absent, refused though there, found and there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from biprompt.evaluation.absence.photographs import Photograph, Question
from biprompt.evaluation.absence.record import AbsenceRun
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.page.numbers import number
from biprompt.evaluation.study import look
from biprompt.prompts import Prompt

COUNT = 4


@dataclass(frozen=True, slots=True)
class Case:
    """One question of one photograph."""

    run: AbsenceRun
    index: int

    @property
    def name(self) -> str:
        """What was asked for."""
        return self.run.names[self.index]

    @property
    def kind(self) -> tuple[bool, bool]:
        """Whether it is there, and whether it was refused."""
        return self.run.there[self.index], self.run.refused[self.index]

    def score(self, otherwise: int) -> float:
        """Presence; without one, pixels of the prediction (1) or of the truth (2)."""
        presence = self.run.presence[self.index]
        return float(self.run.pixels[self.index][otherwise]) if presence is None else presence


_GALLERIES: Mapping[str, tuple[tuple[bool, bool], Callable[[Case], float]]] = {
    "Found though it is not there, the surest first": (
        (False, False),
        lambda case: -case.score(1),
    ),
    "Refused though it is there, the surest first": (
        (True, True),
        lambda case: case.score(2) if case.run.presence[case.index] is not None else -case.score(2),
    ),
    "Found where it is, the best masks": (
        (True, False),
        lambda case: -case.run.overlap(case.index).iou,
    ),
}


def cases(
    contender: Contender,
    runs: Sequence[AbsenceRun],
    photographs: Sequence[Photograph],
    phrase: Callable[[str], str],
) -> tuple[Gallery, ...]:
    """Return galleries of the clearest cases of each kind, each asked once more.

    Args:
        contender: who is asked.
        runs: records.
        photographs: those the records are of.
        phrase: how a name is asked.
    """
    by_key = {each.key: each for each in photographs if not each.words}
    every = [Case(run, i) for run in runs if run.key in by_key for i in range(len(run.names))]
    return tuple(
        Gallery(
            title, tuple(_shot(contender, case, by_key[case.run.key], phrase) for case in found)
        )
        for title, (kind, order) in _GALLERIES.items()
        if (found := _clearest([case for case in every if case.kind == kind], order))
    )


def _clearest(found: Sequence[Case], order: Callable[[Case], float]) -> list[Case]:
    """The first COUNT, none of a photograph or a name twice."""
    return list(_distinct(sorted(found, key=order)))[:COUNT]


def _distinct(found: Sequence[Case]) -> Iterator[Case]:
    names, keys = set[str](), set[str]()
    for case in found:
        if case.name not in names and case.run.key not in keys:
            names.add(case.name)
            keys.add(case.run.key)
            yield case


def _shot(
    contender: Contender, case: Case, photograph: Photograph, phrase: Callable[[str], str]
) -> Shot:
    question = list(photograph.questions())[case.index]
    answer = contender.model.segment(
        look(contender, photograph.picture),
        prompt=Prompt.build(text=phrase(question.name)),
        policy=contender.policy,
    )
    if answer.image is None:
        answer = replace(answer, image=photograph.picture.load().pixels)
    return Shot(_caption(case, question), answer, question.truth)


def _caption(case: Case, question: Question) -> str:
    presence = case.run.presence[case.index]
    scored = "" if presence is None else f", presence {number(presence, 2)}"
    there, refused = case.kind
    fit = f", IoU {number(case.run.overlap(case.index).iou, 2)}" if there and not refused else ""
    return f"“{question.name}”{scored}{fit}"
