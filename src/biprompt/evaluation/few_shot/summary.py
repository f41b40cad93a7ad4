"""Numbers of few-shot segmentation, with 95 % bootstrap intervals over the queries' images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.evaluation.few_shot.record import EpisodeRun
from biprompt.metrics import few_shot_sums, known_mean, mean, ratio_intervals

Floats = npt.NDArray[np.float64]
Runs = Sequence[EpisodeRun]
FOREGROUND, BACKGROUND = "+", "-"
"""Names of columns that no class has: classes are kept under their fold and a slash."""


def summarize(runs: Runs, splits: Sequence[str], shots: Sequence[int]) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values.

    Args:
        runs: all records of one contender.
        splits: the folds.
        shots: numbers of examples.

    Returns:
        `episodes`; `images`: of the queries; `refused`: share that the model would refuse;
        `not_understood`; `shots`: see `numbers`, by number of examples.
    """
    return {
        "episodes": len(runs),
        "images": len({run.image for run in runs}),
        "refused": mean(float(run.refused) for run in runs),
        "not_understood": sum(run.understood is False for run in runs),
        "shots": {
            str(count): numbers([run for run in runs if run.shots == count], splits)
            for count in shots
        },
    }


def numbers(runs: Runs, splits: Sequence[str]) -> dict[str, Any]:
    """Return the numbers of one number of examples.

    Returns:
        `folds`: by fold, `episodes`, `miou` over its classes and `fb_iou`; `mean`: both, averaged
        over folds; `classes`: `fold`, `episodes` and `iou` by class, "fold0/bus".
    """
    sums = {fold: few_shot_sums(_pairs(runs, fold)) for fold in splits}
    ious = {f"{fold}/{name}": iou for fold in splits for name, iou in sums[fold].class_ious.items()}
    columns = [*ious, *(f"{fold}{side}" for fold in splits for side in (FOREGROUND, BACKGROUND))]
    places = {name: place for place, name in enumerate(columns)}

    def all_of(ratios: Floats) -> list[float]:
        folds = [_of_fold(ratios, places, fold) for fold in splits]
        averages = (known_mean([each[side] for each in folds]) for side in (0, 1))
        return [*ratios[: len(ious)], *(each for fold in folds for each in fold), *averages]

    episodes = Counter(f"{run.split}/{run.label}" for run in runs)
    intervals = iter(ratio_intervals(*_by_image(runs, places), all_of))
    classes = {
        name: {
            "fold": name.split("/")[0],
            "episodes": episodes[name],
            "iou": _number(iou, next(intervals)),
        }
        for name, iou in ious.items()
    }
    by_fold: dict[str, dict[str, Any]] = {
        fold: {
            "episodes": sum(run.split == fold for run in runs),
            "miou": _number(sums[fold].miou, next(intervals)),
            "fb_iou": _number(sums[fold].fb_iou, next(intervals)),
        }
        for fold in splits
    }
    averages = {
        key: _number(mean(by_fold[fold][key]["value"] for fold in splits), next(intervals))
        for key in ("miou", "fb_iou")
    }
    return {"folds": by_fold, "mean": averages, "classes": classes}


def _pairs(runs: Runs, fold: str) -> list[tuple[str, Any]]:
    return [(run.label, run.pixels) for run in runs if run.split == fold]


def _of_fold(ratios: Floats, places: Mapping[str, int], fold: str) -> tuple[float, float]:
    """Return mIoU and FB-IoU."""
    classes = [place for name, place in places.items() if name.startswith(f"{fold}/")]
    front, back = (ratios[places[f"{fold}{side}"]] for side in (FOREGROUND, BACKGROUND))
    return known_mean(ratios[classes]), float(front + back) / 2


def _by_image(runs: Runs, places: Mapping[str, int]) -> tuple[Floats, Floats]:
    """What each query's image adds above and below the line, (images, columns) both."""
    rows = {name: i for i, name in enumerate(sorted({run.image for run in runs}))}
    tops, bottoms = np.zeros((2, len(rows), len(places)))
    for run in runs:
        wrong = run.surplus + run.missed
        for name, hits in (
            (f"{run.split}/{run.label}", run.both),
            (f"{run.split}{FOREGROUND}", run.both),
            (f"{run.split}{BACKGROUND}", run.neither),
        ):
            tops[rows[run.image], places[name]] += hits
            bottoms[rows[run.image], places[name]] += hits + wrong
    return tops, bottoms


def _number(value: float, interval: Sequence[float]) -> dict[str, Any]:
    return {"value": value, "interval": list(interval)}
