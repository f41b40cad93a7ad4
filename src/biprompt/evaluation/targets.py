"""The rows of the accuracy table: where each number stands in the results, and what it should be.

The aims for clicks are those of a MobileNetV2 click model of 7.5 MB (ClickSEG, efficient baseline).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GAIN = 0.03
"""What the gate must add to the click's own pick."""

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        name: set and protocol in words.
        set: name of the set.
        place: keys to the number in the model's results on that set.
        at_least: the number to reach; a place with GAIN added to it where it hangs on the results.
        aim: the number wished for, or a place.
        fewer_is_better: for clicks.
        baseline: keys to the number in a baseline's results, None where it has none.
    """

    name: str
    set: str
    place: Place
    at_least: float | Place | None = None
    aim: float | Place | None = None
    fewer_is_better: bool = False
    baseline: Place | None = None


def _clicks(name: str, folder: str, at_least: float, aim: float) -> Row:
    place = ("noc", "90")
    return Row(f"{name}, NoC@90", folder, place, at_least, aim, True, place)


def _iou(name: str, folder: str, clicks: int, at_least: float, aim: float) -> Row:
    place = ("iou", str(clicks))
    after = "1 click" if clicks == 1 else f"{clicks} clicks"
    return Row(f"{name}, mean IoU after {after}", folder, place, at_least, aim, baseline=place)


def _named(name: str, key: str, at_least: Any = None, aim: Any = None, **more: Any) -> Row:
    return Row(f"coco-mval-test, {name}, mean IoU", "mval", ("iou", key), at_least, aim, **more)


_OWN, _BEST = ("iou", "click_own"), ("iou", "click_best")

ROWS = (
    _clicks("GrabCut", "grabcut", 4.5, 2.02),
    _clicks("Berkeley", "berkeley", 8.5, 2.69),
    _iou("GrabCut", "grabcut", 1, 0.72, 0.80),
    _iou("GrabCut", "grabcut", 5, 0.90, 0.93),
    _named("1 click, best of 3", "click_best", 0.64, 0.72, baseline=_BEST),
    _named("1 click, own pick", "click_own", 0.56, 0.62, baseline=_OWN),
    _named("click + class name, gate, pool=paper", "gate_paper", _OWN, _BEST),
    _named("click + class name, gate, pool=wide", "gate_wide", _OWN, _BEST),
    _named("click + class name, expected IoU, pool=parts", "gate_parts", _OWN, _BEST),
    _named("click + class name, joint score, pool=paper", "joint_paper"),
    _named("class name alone", "text"),
    _named("class name alone, presence not asked", "text_mask"),
    _named("click + class name, best candidate of pool=wide", "oracle"),
    Row("presence of 80 names, held-out coco-train, AUROC", "absence", ("auroc",), 0.80, 0.95),
)


def table(results: Mapping[str, Mapping[str, Mapping[str, Any]]], model: str) -> list[Any]:
    """Return the rows that were measured, as plain JSON values.

    Args:
        results: numbers by set and contender, as the protocols' `summarize` return them.
        model: name of the contender that is judged; the others are baselines.

    Returns:
        For each row: name, value, interval, at_least, aim, reached (None without a target), and
        the baselines' values.
    """
    return [_measured(row, results[row.set], model) for row in ROWS if row.set in results]


def _measured(row: Row, found: Mapping[str, Mapping[str, Any]], model: str) -> dict[str, Any]:
    numbers = found[model]
    value, interval = _at(numbers, row.place)
    at_least = _target(row.at_least, numbers, GAIN)
    others = {name: given for name, given in found.items() if name != model}
    return {
        "name": row.name,
        "value": value,
        "interval": interval,
        "at_least": at_least,
        "aim": _target(row.aim, numbers, 0.0),
        "reached": _reached(value, at_least, row.fewer_is_better),
        "fewer_is_better": row.fewer_is_better,
        "baselines": {
            name: None if row.baseline is None else _at(given, row.baseline)[0]
            for name, given in others.items()
        },
    }


def _at(numbers: Mapping[str, Any], place: Place) -> tuple[float | None, list[float] | None]:
    entry: Any = numbers
    for key in place:
        entry = entry.get(key) if isinstance(entry, Mapping) else None
    return (entry["mean"], entry["interval"]) if entry else (None, None)


def _target(target: float | Place | None, numbers: Mapping[str, Any], gain: float) -> float | None:
    if not isinstance(target, tuple):
        return target
    value, _ = _at(numbers, target)
    return None if value is None else value + gain


def _reached(value: float | None, at_least: float | None, fewer: bool) -> bool | None:
    if at_least is None:
        return None
    if value is None or math.isnan(value):
        return False
    return value <= at_least if fewer else value >= at_least
