"""Ask every slice for every organ, and sum up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from biprompt.data.volumes import SOFT_TISSUE, VolumeSample
from biprompt.evaluation.model import Contender
from biprompt.evaluation.organs.baselines import blind
from biprompt.evaluation.organs.gallery import galleries
from biprompt.evaluation.organs.measuring import measure_slice, slice_key
from biprompt.evaluation.organs.page import organs_page
from biprompt.evaluation.organs.questions import NAME, Question, Told
from biprompt.evaluation.organs.record import OrgansRun
from biprompt.evaluation.organs.summary import summarize
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.study import Study

Chosen = tuple[VolumeSample, int]
"""A volume, and the place of a slice in it."""
Task = tuple[VolumeSample, frozenset[int]]
"""A volume, and the slices of it that are left: it is read once."""


@dataclass(frozen=True, slots=True)
class Organs(Study[Task, OrgansRun]):
    """Slices of volumes, each asked for every organ.

    Attributes:
        data: what is measured on.
        slices: in the order of the volumes, from the feet upwards.
        questions: what each is asked.
        told: what the model is told.
        question: how the questions were chosen, see `questions_of`.
        every: every so many-th slice was taken.
        pixels: of these, those of which some organ covers at least so many pixels.
    """

    data: DataFacts
    slices: tuple[Chosen, ...]
    questions: tuple[Question, ...]
    told: Told = Told.QUESTION
    question: str = NAME
    every: int = 1
    pixels: int = 0
    protocol: ClassVar[str] = "organs"
    record: ClassVar[type[OrgansRun]] = OrgansRun

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return the slices, what is said about them, and the gate's rules."""
        return {
            "told": self.told.value,
            "question": self.question,
            "questions": {each.name: each.phrase for each in self.questions},
            "every": self.every,
            "pixels": self.pixels,
            "slices": len(self.slices),
            "window": list(SOFT_TISSUE),
            "policy": repr(contender.policy),
        }

    def wanted(self) -> list[str]:
        """Return one key a slice."""
        return [slice_key(*each) for each in self.slices]

    def tasks(self, done: Container[str]) -> list[Task]:
        """Return the slices that are left, volume by volume."""
        left: dict[VolumeSample, list[int]] = {}
        for volume, index in self.slices:
            if slice_key(volume, index) not in done:
                left.setdefault(volume, []).append(index)
        return [(volume, frozenset(places)) for volume, places in left.items()]

    def measure(self, contender: Contender, task: Task) -> Iterator[OrgansRun]:
        """Yield one record a slice."""
        volume, places = task
        for plane in volume.slices():
            if plane.index in places:
                yield measure_slice(contender, volume, plane, self.questions, self.told)

    def summarize(self, runs: Sequence[OrgansRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        return summarize(runs, [each.name for each in self.questions])

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return Dice by organ, refusals, the confusion matrix and the published rows."""
        return organs_page(report)

    def baselines(self) -> Sequence[Contender]:
        """Return who answers without looking."""
        return blind(self.told)

    def gallery(self, contender: Contender, runs: Sequence[OrgansRun]) -> Sequence[Gallery]:
        """Return the best, median and worst answers, and false ones where nothing is."""
        volumes = {volume.image_id: volume for volume, _ in self.slices}
        return galleries(contender, runs, volumes, self.questions, self.told)
