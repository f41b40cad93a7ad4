"""Ask every question of a data set, and sum up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, ClassVar

from biprompt.data.pictures import Picture
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.referring.asking import template
from biprompt.evaluation.referring.baselines import baselines
from biprompt.evaluation.referring.gallery import galleries
from biprompt.evaluation.referring.measuring import measure_image
from biprompt.evaluation.referring.page import referring_page
from biprompt.evaluation.referring.questions import Question, Reading
from biprompt.evaluation.referring.records import ReferringRun
from biprompt.evaluation.referring.summary import summarize
from biprompt.evaluation.study import Study, by_picture, look

ROBUST = ("r-refcoco", "r-refcoco+", "r-refcocog")
"""Sets of which each reference has sentences that mean it and sentences that mean nothing."""
REFUSABLE = ("grefcoco", *ROBUST)
"""Sets with sentences that mean nothing in their image: a refusal is an answer there."""

Task = tuple[Picture, tuple[Question, ...], frozenset[str]]
"""An image, all questions about it, and the keys of those whose records are there."""


@dataclass(frozen=True, slots=True)
class Referring(Study[Task, ReferringRun]):
    """Every sentence, or every class in an image, as a question.

    Attributes:
        data: what is measured on.
        questions: what is asked.
        dataset: the data set, as `biprompt data` lists it.
        splits: its parts, in the order of the report.
        reading: what a question means.
        every_class: classes are asked of every image, in it or not.
    """

    data: DataFacts
    questions: tuple[Question, ...]
    dataset: str
    splits: tuple[str, ...]
    reading: Reading
    every_class: bool = False
    protocol: ClassVar[str] = "referring"
    record: ClassVar[type[ReferringRun]] = ReferringRun

    @property
    def refusing(self) -> bool:
        """Whether refusals count: some of what is asked is not there."""
        return self.every_class or self.dataset in REFUSABLE

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return what is asked, how it is said, and the gate's rules."""
        return {
            "dataset": self.dataset,
            "splits": list(self.splits),
            "reading": self.reading.value,
            "every_class": self.every_class,
            "questions": len(self.questions),
            "template": template(self.reading, contender),
            "policy": repr(contender.policy),
        }

    def wanted(self) -> list[str]:
        """Return one key a question."""
        return [question.key for question in self.questions]

    def tasks(self, done: Container[str]) -> list[Task]:
        """Return the images with something left to ask, with all of their questions."""
        tasks = by_picture(self.questions, lambda each: each.picture, lambda each: each.key, ())
        parted = ((image, asked, {q.key for q in asked if q.key in done}) for image, asked in tasks)
        return [(p, asked, frozenset(keys)) for p, asked, keys in parted if len(keys) < len(asked)]

    def measure(self, contender: Contender, task: Task) -> Iterator[ReferringRun]:
        """Yield one record a question."""
        picture, questions, done = task
        return measure_image(
            contender,
            cache(partial(look, contender, picture)),
            questions,
            template(self.reading, contender),
            every=self.every_class or self.reading is Reading.SENTENCES,
            done=done,
        )

    def summarize(self, runs: Sequence[ReferringRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        robust = self.dataset in ROBUST
        return summarize(runs, self.splits, refusing=self.refusing, robust=robust)

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return tables by split and by kind of question, and the published rows."""
        return referring_page(report)

    def baselines(self) -> tuple[Contender, ...]:
        """Return who answers without looking."""
        return baselines(refusing=self.refusing)

    def gallery(self, contender: Contender, runs: Sequence[ReferringRun]) -> list[Gallery]:
        """Return the best, median and worst answers, and false ones where nothing is meant."""
        pattern = template(self.reading, contender)
        return galleries(contender, self.questions, runs, pattern, refusing=self.refusing)
