"""Ask every photograph for everything, and keep what came back."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.data.phrases import SEMANTIC
from biprompt.data.readers.registry import Kind
from biprompt.errors import InputError
from biprompt.evaluation.absence.baselines import always
from biprompt.evaluation.absence.cases import cases
from biprompt.evaluation.absence.page import absence_page
from biprompt.evaluation.absence.photographs import Photograph, Question, WordList
from biprompt.evaluation.absence.record import AbsenceRun
from biprompt.evaluation.absence.summary import summarize
from biprompt.evaluation.absence.words import WORD_LISTS
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.study import Study, look
from biprompt.metrics import overlap
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict

BATCH = 16
"""Names asked at a time, so that their masks need little memory."""
PLAIN = "{}"


class _Answer(NamedTuple):
    """What is kept of an answer: see the record."""

    presence: float | None
    refused: bool
    understood: bool | None
    pixels: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Absence(Study[Photograph, AbsenceRun]):
    """Every photograph asked for every class, or with every sentence, there or not.

    Attributes:
        data: what is measured on.
        photographs: with what each is asked for.
        kind: of the data set.
        validation_only: whether photographs that may be trained on were left out.
        template: how a name is asked, "{}" standing for it; None asks for it as it is, and for a
            class of a semantic set with "[semantic] " before it where the model knows that.
    """

    data: DataFacts
    photographs: tuple[Photograph, ...]
    kind: Kind = Kind.INTERACTIVE
    validation_only: bool = False
    template: str | None = None
    protocol: ClassVar[str] = "absence"
    record: ClassVar[type[AbsenceRun]] = AbsenceRun

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return which photographs, how they are asked, and the gate's rules."""
        return {
            "kind": self.kind.value,
            "validation_only": self.validation_only,
            "template": self.asking(contender),
            "presence_threshold": contender.policy.presence_threshold,
            "policy": repr(contender.policy),
        }

    def asking(self, contender: Contender) -> str:
        """Return how a name is asked; "{}" stands for it."""
        if self.template is not None:
            return self.template
        return SEMANTIC if self.kind is Kind.SEMANTIC and contender.semantic else PLAIN

    def every(self) -> list[Photograph]:
        """Return the photographs, and before them the first one again for each list of words."""
        lists = [WordList(name, self.photographs[0].picture) for name in WORD_LISTS]
        return [*lists, *self.photographs]

    def wanted(self) -> list[str]:
        """Return one key a photograph, and one a list of words."""
        return [each.key for each in self.every()]

    def tasks(self, done: Container[str]) -> list[Photograph]:
        """Return the photographs that are left."""
        return [each for each in self.every() if each.key not in done]

    def measure(self, contender: Contender, task: Photograph) -> Iterator[AbsenceRun]:
        """Yield one record a photograph."""
        scene, template = look(contender, task.picture), self.asking(contender)
        questions, ignored = list(task.questions()), task.ignored()
        found: list[_Answer] = []
        for start in range(0, len(questions), BATCH):
            part = questions[start : start + BATCH]
            prompts = [Prompt.build(text=phrase(template, each.name)) for each in part]
            answers = contender.model.segment_many(scene, prompts, policy=contender.policy)
            pairs = zip(part, answers, strict=True)
            found += [_answer(*pair, ignored, task.picture.path) for pair in pairs]
        yield _record(task, questions, found)

    def summarize(self, runs: Sequence[AbsenceRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        return summarize(runs)

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return curve, thresholds, masks, names and words."""
        return absence_page(report)

    def baselines(self) -> Sequence[Contender]:
        """Return one that always finds and one that always refuses."""
        return always()

    def gallery(self, contender: Contender, runs: Sequence[AbsenceRun]) -> Sequence[Gallery]:
        """Return the surest mistakes and the best masks."""
        template = self.asking(contender)
        return cases(contender, runs, self.photographs, lambda name: phrase(template, name))


def checked_template(template: str | None) -> str | None:
    """Return a template if names can be put into it.

    Raises:
        InputError: "{}" is not in it exactly once.
    """
    if template is not None and template.count(PLAIN) != 1:
        raise InputError("template", expected='text with one "{}" for the name', actual=template)
    return template


def phrase(template: str, name: str) -> str:
    """Return how a name is asked."""
    return template.replace(PLAIN, name)


def _answer(
    question: Question, answer: Segmentation, ignored: BoolMask | None, path: Path
) -> _Answer:
    return _Answer(
        None if answer.presence is None else float(answer.presence),
        answer.verdict is Verdict.ABSENT,
        answer.card.text_understood,
        _pixels(question, answer, ignored, path),
    )


def _pixels(
    question: Question, answer: Segmentation, ignored: BoolMask | None, path: Path
) -> tuple[int, int, int]:
    if question.truth is None and ignored is None:
        return 0, int(np.count_nonzero(answer.mask)), 0
    truth = np.zeros_like(ignored) if question.truth is None else question.truth
    found = overlap(check_answer(answer, truth, path).mask, truth, ignored)
    return found.intersection, found.prediction, found.truth


def _record(
    task: Photograph, questions: Sequence[Question], answers: Sequence[_Answer]
) -> AbsenceRun:
    return AbsenceRun(
        key=task.key,
        names=[each.name for each in questions],
        there=[each.there for each in questions],
        presence=[each.presence for each in answers],
        refused=[each.refused for each in answers],
        understood=[each.understood for each in answers],
        pixels=[each.pixels for each in answers],
        refs=[each.ref for each in questions if each.ref],
        words=task.words,
    )
