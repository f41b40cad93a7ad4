"""Ask every photograph for every class, compose a label map, and sum up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from biprompt.data.samples import SemanticSample
from biprompt.evaluation.absence.baselines import ABSENT, Refusing
from biprompt.evaluation.model import Contender
from biprompt.evaluation.open_vocabulary.gallery import galleries
from biprompt.evaluation.open_vocabulary.measuring import measure_photograph, templates_of
from biprompt.evaluation.open_vocabulary.page import open_vocabulary_page
from biprompt.evaluation.open_vocabulary.record import Classes, MapRun
from biprompt.evaluation.open_vocabulary.summary import summarize
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.samples import FOLDER
from biprompt.evaluation.study import Study
from biprompt.segmenter.classes import ClassRules


@dataclass(frozen=True, slots=True)
class OpenVocabulary(Study[SemanticSample, MapRun]):
    """Photographs, each asked for every class of its set.

    Attributes:
        data: what is measured on.
        samples: photographs with their classes.
        classes: how these are counted.
        dataset: the data set, as `biprompt data` lists it.
        rules: how classes are asked for and put together.
    """

    data: DataFacts
    samples: tuple[SemanticSample, ...]
    classes: Classes
    dataset: str = FOLDER
    rules: ClassRules = field(default_factory=ClassRules)
    protocol: ClassVar[str] = "open-vocabulary"
    record: ClassVar[type[MapRun]] = MapRun

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return the classes, how they are asked for and counted, and the gate's rules."""
        names = self.classes.names
        return {
            "dataset": self.dataset,
            "photographs": len(self.samples),
            "asked": [names[index] for index in self.classes.asked],
            "unseen": [names[index] for index in self.classes.unseen],
            "background": self.classes.has_rest,
            "background_is_class": self.classes.background in self.classes.counted,
            "ignore_background": self.classes.ignored,
            "partial": self.classes.partial,
            "template": templates_of(contender, self.rules)[0],
            "templates": list(templates_of(contender, self.rules)),
            "rules": repr(self.rules),
            "threshold": self.rules.threshold(len(self.classes.asked)),
            "policy": repr(contender.policy),
        }

    def wanted(self) -> list[str]:
        """Return one key a photograph."""
        return [str(sample.image_id) for sample in self.samples]

    def tasks(self, done: Container[str]) -> list[SemanticSample]:
        """Return the photographs that are left."""
        return [sample for sample in self.samples if str(sample.image_id) not in done]

    def measure(self, contender: Contender, task: SemanticSample) -> Iterator[MapRun]:
        """Yield one record a photograph."""
        yield measure_photograph(contender, task, self.classes, self.rules)

    def summarize(self, runs: Sequence[MapRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        return summarize(runs, self.classes)

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return mIoU, what refusals do to it, IoU by class and the published rows."""
        return open_vocabulary_page(report)

    def baselines(self) -> Sequence[Contender]:
        """Return one that finds nothing, where a map of background alone is worth something."""
        return (Contender(ABSENT, "1", Refusing()),) if self.classes.has_rest else ()

    def gallery(self, contender: Contender, runs: Sequence[MapRun]) -> Sequence[Gallery]:
        """Return classes of photographs to look at, each asked once more."""
        return galleries(contender, self.samples, runs, self.classes, self.rules)
