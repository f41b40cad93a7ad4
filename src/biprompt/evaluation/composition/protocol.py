"""Ask for the same objects with every set of prompts, and sum up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.evaluation.composition.page import NEARLY, composition_page
from biprompt.evaluation.composition.prompts import KINDS, draw
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.page import Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.study import PictureTask, Study, by_picture, look
from biprompt.metrics import (
    Composed,
    bootstrap_interval,
    composition_sums,
    gain,
    mean,
    merged,
    overlap,
    subsets,
)
from biprompt.metrics.composition import JOIN
from biprompt.selection import Policy
from biprompt.selection.policy import Pool


@dataclass(frozen=True, slots=True)
class CompositionRun:
    """What one object gave.

    Attributes:
        key: of the object.
        label: category name, the words asked.
        ious: IoU by the name of the set of prompts; none where no pixel could be pointed at.
    """

    key: str
    label: str
    ious: dict[str, float]


@dataclass(frozen=True, slots=True)
class Composition(Study[PictureTask[InteractiveObject], CompositionRun]):
    """Every set of prompts on the same objects.

    Attributes:
        data: what is measured on.
        samples: objects with masks, perhaps with ignored bands.
        kinds: kinds of prompts to combine, see `checked_kinds`.
        pool: the candidates that the gate chooses from, see `biprompt.selection.Policy`.
    """

    data: DataFacts
    samples: SampleSet[InteractiveObject]
    kinds: tuple[str, ...] = KINDS
    pool: Pool = "paper"
    protocol: ClassVar[str] = "composition"
    record: ClassVar[type[CompositionRun]] = CompositionRun

    @property
    def variant(self) -> str:
        """The pool, where it is not the paper's."""
        return "" if self.pool == "paper" else self.pool

    def policy(self, contender: Contender) -> Policy:
        """The gate's rules, with the pool that is measured."""
        return replace(contender.policy, pool=self.pool)

    def settings(self, contender: Contender) -> dict[str, Any]:
        """Return the kinds of prompts and the gate's rules."""
        return {"kinds": list(self.kinds), "policy": repr(self.policy(contender))}

    def wanted(self) -> list[str]:
        """Return one key an object."""
        return [sample.key for sample in self.samples]

    def tasks(self, done: Container[str]) -> list[PictureTask[InteractiveObject]]:
        """Return the objects that are left, picture by picture."""
        return by_picture(self.samples, lambda each: each.picture, lambda each: each.key, done)

    def measure(
        self, contender: Contender, task: PictureTask[InteractiveObject]
    ) -> Iterator[CompositionRun]:
        """Yield one record an object."""
        picture, objects = task
        scene, policy = look(contender, picture), self.policy(contender)
        for each in objects:
            yield CompositionRun(
                each.key, each.label or "", _ious(contender, scene, each, self.kinds, policy)
            )

    def summarize(self, runs: Sequence[CompositionRun]) -> dict[str, Any]:
        """Return the numbers, see `summarize`."""
        return summarize(runs, self.kinds)

    def page(self, report: Mapping[str, Any]) -> Page:
        """Return the tables of sets and of single prompts."""
        return composition_page(report)


def _ious(
    contender: Contender,
    scene: Any,
    sample: InteractiveObject,
    kinds: tuple[str, ...],
    policy: Policy,
) -> dict[str, float]:
    truth, ignore = sample.mask(), sample.ignore_mask()
    prompts = draw(truth, ignore, sample.label, kinds)
    if not prompts:
        return {}
    answers = contender.model.segment_many(scene, list(prompts.values()), policy=policy)
    return {
        name: overlap(check_answer(answer, truth, sample.picture.path).mask, truth, ignore).iou
        for name, answer in zip(prompts, answers, strict=True)
    }


def summarize(runs: Sequence[CompositionRun], kinds: Sequence[str] = KINDS) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals.

    Returns:
        `objects`; `left_out`: objects without a pixel to point at; `iou` by set of prompts;
        `sets`: for each of two or more prompts, how often they were better than, equal to and
        worse than the best one of them, the share for which eq. 12 holds, the mean gain, and
        whether they help; `by_size`: the same for all sets of a size; `every`: for all sets;
        `nearly`: share of all cases that lose no more than `NEARLY`.
    """
    scores = [run.ious for run in runs if run.ious]
    found = composition_sums(scores)
    names = subsets(kinds) if scores else []
    several = [name for name in names if JOIN in name]
    sizes = {name: len(name.split(JOIN)) for name in several}
    return {
        "objects": len(scores),
        "left_out": len(runs) - len(scores),
        "kinds": list(kinds),
        "iou": {name: _mean([each[name] for each in scores]) for name in names},
        "sets": {
            name: _counts(found.sets[name]) | _gained([gain(each, name) for each in scores])
            for name in several
        },
        "by_size": {
            str(size): _counts(
                merged((found.sets[n] for n in several if sizes[n] == size), Composed())
            )
            for size in sorted(set(sizes.values()))
        },
        "every": _counts(found.every),
        "nearly": mean(gain(each, name) >= -NEARLY for each in scores for name in several),
    }


def _counts(found: Composed) -> dict[str, Any]:
    return {
        "holds": found.holds,
        "better": found.better,
        "equal": found.equal,
        "worse": found.gains.count - found.better - found.equal,
        "mean_gain": found.gains.mean,
    }


def _gained(gains: Sequence[float]) -> dict[str, Any]:
    low, high = bootstrap_interval(gains)
    effect = "helps" if low > 0 else "hurts" if high < 0 else "unclear"
    return {"gain": {"mean": mean(gains), "interval": [low, high]}, "effect": effect}


def _mean(values: Sequence[float]) -> dict[str, Any]:
    return {"mean": mean(values), "interval": list(bootstrap_interval(values))}
