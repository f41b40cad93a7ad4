"""Ask for the same objects with every set of prompts, and sum up."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from biprompt.data.coco import CocoAnnotation, CocoDataset, CocoImage
from biprompt.evaluation.composition.prompts import KINDS, draw
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.objects import PhotoObjects, photos
from biprompt.evaluation.sharding import Load, in_order
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


@dataclass(frozen=True, slots=True)
class CompositionRun:
    """What one object gave.

    Attributes:
        key: file name and annotation number.
        label: category name, the words asked.
        ious: IoU by the name of the set of prompts; none where no pixel could be pointed at.
    """

    key: str
    label: str
    ious: dict[str, float]


def measure(
    load: Load,
    dataset: CocoDataset,
    *,
    kinds: Sequence[str] = KINDS,
    limit: int | None = None,
    processes: int = 1,
    done: Container[str] = (),
) -> Iterator[CompositionRun]:
    """Yield one record an object, in the order of the data set.

    Args:
        load: loads the model, once a process.
        dataset: objects with masks, perhaps with ignored bands.
        kinds: kinds of prompts to combine.
        limit: only the first so many objects.
        processes: how many work at a time; the records do not hang on it.
        done: keys to leave out.
    """
    tasks = list(photos(dataset, limit, done))
    yield from in_order(partial(_photo, tuple(kinds)), tasks, load, processes=processes)


def _photo(
    kinds: tuple[str, ...], contender: Contender, photo: PhotoObjects
) -> list[CompositionRun]:
    image, objects = photo
    scene = contender.model.embed(image.path)
    return [
        CompositionRun(key, annotation.label, _ious(contender, scene, image, annotation, kinds))
        for key, annotation in objects
    ]


def _ious(
    contender: Contender,
    scene: Any,
    image: CocoImage,
    annotation: CocoAnnotation,
    kinds: tuple[str, ...],
) -> dict[str, float]:
    prompts = draw(annotation, kinds)
    if not prompts:
        return {}
    truth, ignore = annotation.mask(), annotation.ignore_mask()
    answers = contender.model.segment_many(scene, list(prompts.values()), policy=contender.policy)
    return {
        name: overlap(check_answer(answer, truth, image).mask, truth, ignore).iou
        for name, answer in zip(prompts, answers, strict=True)
    }


def summarize(runs: Sequence[CompositionRun], kinds: Sequence[str] = KINDS) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals.

    Returns:
        `objects`; `left_out`: objects without a pixel to point at; `iou` by set of prompts;
        `sets`: for each of two or more prompts, how often they were better than, equal to and
        worse than the best one of them, the share for which eq. 12 holds, the mean gain, and
        whether they help; `by_size`: the same for all sets of a size; `every`: for all sets.
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
