"""Ask about the same things with a click, with words, and with both."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from biprompt.data.pictures import Picture
from biprompt.data.samples import SampleSet
from biprompt.evaluation.baselines import baselines
from biprompt.evaluation.biprompt.answers import ask
from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.cases import Case, Sample, cases_of
from biprompt.evaluation.biprompt.frames import summarize_frames
from biprompt.evaluation.biprompt.gallery import cases_to_look_at
from biprompt.evaluation.biprompt.joined import Joined, joined_key
from biprompt.evaluation.biprompt.page import biprompt_page
from biprompt.evaluation.biprompt.rows import mask_rows
from biprompt.evaluation.biprompt.runs import DualRun, run_of
from biprompt.evaluation.biprompt.summary import AS_DEFAULT, summarize
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.study import Study, by_picture, look

Task = tuple[Picture, tuple[Case, ...], frozenset[str]]
"""An image, its things, and the keys of the records that are there already."""


@dataclass(frozen=True, slots=True)
class BiPrompt(Study[Task, DualRun]):
    """A click, a name, and the gate between both experts (BiPrompt-SAM).

    Attributes:
        data: what is measured on.
        samples: named objects, or references.
        asking: points, words, weights.
        dataset: how `biprompt data` lists the data set.
        by_class: join the things of one name in each image as well.
    """

    data: DataFacts
    samples: SampleSet[Sample]
    asking: Asking = AS_DEFAULT
    dataset: str = ""
    by_class: bool = False
    protocol: ClassVar[str] = "biprompt"
    record: ClassVar[type[DualRun]] = DualRun

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return what is asked, and the gate's rules."""
        more = {"dataset": self.dataset, "by_class": self.by_class}
        return self.asking.settings() | more | {"policy": repr(contender.policy)}

    def wanted(self) -> list[str]:
        """Return a key for everything that is asked about, and for every join."""
        cases = list(cases_of(self.samples))
        return [*(case.key for case in cases), *self._joins(cases)]

    def tasks(self, done: Container[str]) -> list[Task]:
        """Return the images with something left; joining needs all that an image has."""
        whole = by_picture(cases_of(self.samples), _picture, _key, ())
        tasks = [(picture, cases, self._finished(cases, done)) for picture, cases in whole]
        return [task for task in tasks if len(task[2]) < len(self._keys(task[1]))]

    def measure(self, contender: Contender, task: Task) -> Iterator[DualRun]:
        """Yield a record for everything that is asked about, then one for every join."""
        picture, cases, finished = task
        scene = look(contender, picture)
        joins = {key: Joined(*key) for key in self._names(cases)}
        for case in cases:
            if case.key in finished and not joins:
                continue
            answers = ask(contender, scene, case, self.asking)
            rows = mask_rows(answers, self.asking) if answers else {}
            if case.key not in finished:
                yield run_of(case, answers, rows, self.asking)
            if joins:
                joins[case.label, case.image_id].add(answers, rows)
        yield from (run for each in joins.values() if (run := each.run()).key not in finished)

    def summarize(self, runs: Sequence[DualRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize` and `summarize_frames`."""
        found = summarize(runs, self.asking)
        return found | ({"frames": summarize_frames(runs, self.asking)} if self.by_class else {})

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return the paper's four tables with ours beside, and what they leave out."""
        return biprompt_page(report)

    def baselines(self) -> tuple[Contender, ...]:
        """Return a disk round the click and the whole image."""
        return baselines()

    def gallery(self, contender: Contender, runs: Sequence[DualRun]) -> list[Gallery]:
        """Return where the gate gained most on the click, where it lost most, and the middle."""
        return cases_to_look_at(contender, list(cases_of(self.samples)), self.asking, runs)

    def _names(self, cases: Sequence[Case]) -> list[tuple[str, str]]:
        names = ((case.label, case.image_id) for case in cases)
        return list(dict.fromkeys(names)) if self.by_class else []

    def _joins(self, cases: Sequence[Case]) -> list[str]:
        return [joined_key(image, label) for label, image in self._names(cases)]

    def _keys(self, cases: Sequence[Case]) -> list[str]:
        return [*map(_key, cases), *self._joins(cases)]

    def _finished(self, cases: Sequence[Case], done: Container[str]) -> frozenset[str]:
        return frozenset(key for key in self._keys(cases) if key in done)


def _picture(case: Case) -> Picture:
    return case.picture


def _key(case: Case) -> str:
    return case.key
