"""Ask every episode, and sum up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from biprompt.evaluation.few_shot.asking import Told, ask
from biprompt.evaluation.few_shot.baselines import blind
from biprompt.evaluation.few_shot.gallery import galleries
from biprompt.evaluation.few_shot.page import few_shot_page
from biprompt.evaluation.few_shot.record import Drawn, EpisodeRun
from biprompt.evaluation.few_shot.summary import summarize
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.referring.asking import is_refused, template
from biprompt.evaluation.referring.questions import Reading
from biprompt.evaluation.study import Study
from biprompt.metrics import pixel_counts


@dataclass(frozen=True, slots=True)
class FewShot(Study[Drawn, EpisodeRun]):
    """Episodes: one query each.

    Attributes:
        data: what is measured on.
        episodes: in the order of numbers of examples and of folds.
        dataset: the data set, as `biprompt data` lists it.
        splits: the folds, in the order of the report.
        shots: numbers of examples; (0,) where names are told.
        told: what the model is told of the class.
        seed: fixed the examples.
    """

    data: DataFacts
    episodes: tuple[Drawn, ...]
    dataset: str
    splits: tuple[str, ...]
    shots: tuple[int, ...]
    told: Told = Told.EXAMPLES
    seed: int = 0
    protocol: ClassVar[str] = "few-shot"
    record: ClassVar[type[EpisodeRun]] = EpisodeRun

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return the episodes, what is told, and the gate's rules."""
        return {
            "dataset": self.dataset,
            "splits": list(self.splits),
            "shots": list(self.shots),
            "told": self.told.value,
            "template": template(Reading.CLASSES, contender) if self.told is Told.NAME else "",
            "seed": self.seed,
            "episodes": len(self.episodes),
            "policy": repr(contender.policy),
        }

    def wanted(self) -> list[str]:
        """Return one key an episode."""
        return [drawn.key for drawn in self.episodes]

    def tasks(self, done: Container[str]) -> list[Drawn]:
        """Return the episodes that are left."""
        return [drawn for drawn in self.episodes if drawn.key not in done]

    def measure(self, contender: Contender, task: Drawn) -> Iterator[EpisodeRun]:
        """Yield the record of an episode."""
        query, episode = task.episode.query, task.episode
        answer = ask(contender, episode, self.told)
        counts = pixel_counts(answer.mask, query.mask(), query.ignore_mask())
        yield EpisodeRun(
            *(task.key, task.shots, task.split, episode.label, query.image_id),
            *(counts.both, counts.surplus, counts.missed, counts.neither),
            refused=is_refused(answer, contender),
            understood=answer.card.text_understood,
        )

    def summarize(self, runs: Sequence[EpisodeRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        return summarize(runs, self.splits, self.shots)

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return folds, classes and the published rows."""
        return few_shot_page(report)

    def baselines(self) -> Sequence[Contender]:
        """Return who answers without looking."""
        return blind(self.told)

    def gallery(self, contender: Contender, runs: Sequence[EpisodeRun]) -> Sequence[Gallery]:
        """Return the best, median and worst answers, each asked once more."""
        return galleries(contender, self.episodes, runs, self.told)
