"""Click on every object of a data set, and keep what came of it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.evaluation.baselines import GrabCut, baselines, grabcut_baselines
from biprompt.evaluation.interactive.asking import (
    ClickRun,
    Thing,
    asking,
    box_run,
    click_run,
)
from biprompt.evaluation.interactive.cases import cases
from biprompt.evaluation.interactive.clicking import CENTRE, Clicking
from biprompt.evaluation.interactive.page import interactive_page
from biprompt.evaluation.interactive.summary import summarize
from biprompt.evaluation.interactive.timing import seconds
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.study import PictureTask, Study, by_picture, look

AS_THE_FIELD = Clicking()


@dataclass(frozen=True, slots=True)
class Interactive(Study[PictureTask[InteractiveObject], ClickRun]):
    """Simulated clicks on every object.

    Attributes:
        data: what is measured on.
        samples: objects with masks, perhaps with ignored bands.
        clicking: where clicks lie, and how many there are.
    """

    data: DataFacts
    samples: SampleSet[InteractiveObject]
    clicking: Clicking = AS_THE_FIELD
    protocol: ClassVar[str] = "interactive"
    record: ClassVar[type[ClickRun]] = ClickRun

    @property
    def variant(self) -> str:
        """Return how clicks are placed, where not as the field does."""
        return "" if self.clicking.sampler == CENTRE else self.clicking.sampler

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return how objects are clicked, and the gate's rules."""
        return self.clicking.settings() | {"policy": repr(contender.policy)}

    def wanted(self) -> list[str]:
        """Return one key an object."""
        return [sample.key for sample in self.samples]

    def tasks(self, done: Container[str]) -> list[PictureTask[InteractiveObject]]:
        """Return the objects that are left, picture by picture."""
        return by_picture(self.samples, lambda each: each.picture, lambda each: each.key, done)

    def measure(
        self, contender: Contender, task: PictureTask[InteractiveObject]
    ) -> Iterator[ClickRun]:
        """Yield one record an object; GrabCut is given the tight box, once, instead of clicks."""
        picture, objects = task
        scene = look(contender, picture)
        for thing in map(Thing.of, objects):
            ask = asking(contender, scene, thing)
            if isinstance(contender.model, GrabCut):
                yield box_run(ask, thing)
            else:
                yield click_run(ask, thing, self.clicking)

    def summarize(self, runs: Sequence[ClickRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        return summarize(runs, self.clicking.limit)

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return the tables and charts, and the published rows beside them."""
        return interactive_page(report)

    def baselines(self) -> tuple[Contender, ...]:
        """Return a disk round every click, the whole image, and GrabCut where OpenCV is there."""
        return (*baselines(), *grabcut_baselines())

    def timing(self, contender: Contender) -> dict[str, float]:
        """Return the seconds of a look and of a click, see `seconds`."""
        return seconds(contender, self.samples, self.clicking)

    def gallery(self, contender: Contender, runs: Sequence[ClickRun]) -> list[Gallery]:
        """Return the best, the median and the worst objects after one click."""
        return cases(contender, self.samples, self.clicking, runs)
