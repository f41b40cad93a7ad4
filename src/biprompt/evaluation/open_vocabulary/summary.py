"""Numbers of label maps, with 95 % bootstrap intervals over photographs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.evaluation.open_vocabulary.record import VARIANTS, Classes, MapRun, counts_of
from biprompt.metrics import (
    Confusion,
    harmonic_mean,
    known_mean,
    merged,
    ratio_intervals,
)

Floats = npt.NDArray[np.float64]
CONFUSED = 20
"""Pairs of classes that are told."""
NUMBERS = ("miou", "named", "seen", "unseen", "harmonic", "accuracy", "fb_iou")


def summarize(runs: Sequence[MapRun], classes: Classes) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values.

    Args:
        runs: all records of one contender.
        classes: of the set.

    Returns:
        `photographs`, `classes` asked for; `refused`: share of the questions; `unread` and
        `unknown`: names that cannot be asked, or mean nothing to the model; `variants`: see
        `numbers`, by VARIANTS; `by_class` and `confused` of the first variant: see there; and
        `constant`: the class that covers most, and the mIoU of a map of nothing else.
    """
    first = next(iter(VARIANTS))
    total = _total([run.cells[first] for run in runs], classes.count)
    asked = len(runs) * len(classes.asked)
    return {
        "photographs": len(runs),
        "classes": len(classes.asked),
        "refused": sum(len(run.refused) for run in runs) / asked if asked else float("nan"),
        "unread": _names((run.unread for run in runs), classes),
        "unknown": _names((run.unknown for run in runs), classes),
        "variants": {
            variant: numbers([run.cells[variant] for run in runs], classes) for variant in VARIANTS
        },
        "by_class": _by_class([run.cells[first] for run in runs], total, classes),
        "confused": _confused(total, classes),
        "constant": _constant(total, classes),
    }


def numbers(cells: Sequence[Any], classes: Classes) -> dict[str, Any]:
    """Return `value` and `interval` of each of NUMBERS.

    `miou` is over all classes of the set that any photograph has, or that was found in one;
    `named` leaves the background out; `seen`, `unseen` and `harmonic` split `named`; `accuracy` is
    the share of pixels with the right number; `fb_iou` joins all classes but the background.
    """
    sums = _Sums.of(cells, classes)
    intervals = ratio_intervals(sums.tops, sums.bottoms, lambda each: _of_ratios(each, classes))
    total = _total(cells, classes.count)
    values = _of_ratios(_ratios(total, classes), classes)
    return {
        name: {"value": value, "interval": list(interval)}
        for name, value, interval in zip(NUMBERS, values, intervals, strict=True)
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What each photograph adds: a column a number of the map, pixels right, foreground, rest."""

    tops: Floats
    bottoms: Floats

    @classmethod
    def of(cls, cells: Sequence[Any], classes: Classes) -> _Sums:
        rows = [_parts(Confusion(counts_of(each, classes.count)), classes) for each in cells]
        shape = (len(rows), classes.count + 3)
        tops, bottoms = (np.array([row[side] for row in rows]).reshape(shape) for side in (0, 1))
        return cls(tops, bottoms)


def _parts(found: Confusion, classes: Classes) -> tuple[list[float], list[float]]:
    """Above and below the line of every ratio."""
    hits = np.diag(found.counts)
    unions = found.counts.sum(0) + found.counts.sum(1) - hits
    pixels = found.against(classes.rest)
    wrong = pixels.surplus + pixels.missed
    tops = [*hits.tolist(), int(hits.sum()), pixels.both, pixels.neither]
    below = [*unions.tolist(), int(found.counts.sum()), pixels.both + wrong, pixels.neither + wrong]
    return tops, below


def _ratios(total: Confusion, classes: Classes) -> Floats:
    pixels = total.against(classes.rest)
    hits, every = int(np.trace(total.counts)), int(total.counts.sum())
    accuracy = hits / every if every else float("nan")
    both = [pixels.foreground_iou, pixels.background_iou]
    return np.array([*total.ious(), accuracy, *both], np.float64)


def _of_ratios(ratios: Floats, classes: Classes) -> list[float]:
    """All of NUMBERS from IoU by number, accuracy, and IoU of foreground and background."""
    named = classes.asked
    unseen = list(classes.unseen)
    rest = [index for index in named if index not in classes.unseen] if unseen else []
    seen, other = known_mean(ratios[rest]), known_mean(ratios[unseen])
    accuracy, front, back = ratios[-3:].tolist()
    fb_iou = (front + back) / 2 if classes.has_rest else float("nan")
    both = known_mean(ratios[classes.counted]), known_mean(ratios[named])
    return [*both, seen, other, harmonic_mean(seen, other), accuracy, fb_iou]


def _total(cells: Sequence[Any], count: int) -> Confusion:
    nothing = Confusion(np.zeros((count, count), np.int64))
    return merged((Confusion(counts_of(each, count)) for each in cells), nothing)


def _by_class(cells: Sequence[Any], total: Confusion, classes: Classes) -> dict[str, Any]:
    """Return for each class, and the background where it counts, its IoU and where pixels are.

    `iou` with its interval, `pixels` of the truth, `photographs` that show it, and what share of
    its pixels is found (`recall`) and of those found is right (`precision`).
    """
    sums = _Sums.of(cells, classes)
    intervals = ratio_intervals(sums.tops, sums.bottoms, lambda ratios: ratios.tolist())
    counts, ious = total.counts, total.ious()
    shown = [*classes.counted, *([classes.rest] if classes.has_rest else [])]
    photographs = Counter(number for each in cells for number in {row for row, *_ in each})
    return {
        classes.label(index): {
            "iou": {"value": float(ious[index]), "interval": list(intervals[index])},
            "pixels": int(counts[index].sum()),
            "photographs": photographs[index],
            "recall": _share(counts[index, index], counts[index].sum()),
            "precision": _share(counts[index, index], counts[:, index].sum()),
            "unseen": index in classes.unseen,
        }
        for index in dict.fromkeys(shown)
    }


def _confused(total: Confusion, classes: Classes) -> list[dict[str, Any]]:
    """Return the pairs that most pixels are confused in: `truth`, `found`, and the share."""
    wrong = total.counts - np.diag(np.diag(total.counts))
    every = int(total.counts.sum())
    order = np.argsort(-wrong, axis=None, kind="stable")[:CONFUSED]
    pairs = [divmod(int(place), classes.count) for place in order]
    return [
        {
            "truth": classes.label(row),
            "found": classes.label(column),
            "of_all": int(wrong[row, column]) / every,
            "of_class": _share(wrong[row, column], total.counts[row].sum()),
        }
        for row, column in pairs
        if wrong[row, column]
    ]


def _constant(total: Confusion, classes: Classes) -> dict[str, Any]:
    """The best map of one class for all pixels, known only from the truth."""
    pixels = total.counts.sum(1)[classes.counted]
    if not pixels.sum():
        return {"class": "", "miou": float("nan")}
    best, known = int(np.argmax(pixels)), int((pixels > 0).sum())
    iou = float(pixels[best] / total.counts.sum())
    return {"class": classes.label(classes.counted[best]), "miou": iou / known}


def _names(found: Iterable[Sequence[int]], classes: Classes) -> list[str]:
    return [classes.names[index] for index in sorted({each for run in found for each in run})]


def _share(part: Any, whole: Any) -> float:
    return int(part) / int(whole) if whole else float("nan")


def ordered(by_class: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return classes with an IoU, the best first."""
    known = [
        item for item in by_class.items() if item[1]["iou"]["value"] == item[1]["iou"]["value"]
    ]
    return sorted(known, key=lambda item: -item[1]["iou"]["value"])
