"""Tables and charts of the few-shot report; numbers in per cent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.page import Chart, Series, Table
from biprompt.evaluation.referring.tables import BARS, per_cent

Found = Mapping[str, Any]
Results = Mapping[str, Found]
HEADS = {"miou": "mIoU", "fb_iou": "FB-IoU"}


_UNKNOWN: Mapping[str, Any] = {"value": math.nan, "interval": (math.nan, math.nan)}


def said(shots: str) -> str:
    """Return what a number of examples is called."""
    return "by name" if shots == "0" else f"{shots}-shot"


def folds_table(results: Results) -> Table:
    """Return what every contender reaches by fold; the rows of the first one are ours."""
    first = next(iter(results.values()))
    folds = list(next(iter(first["shots"].values()))["folds"])
    header = ["", "told", "mIoU", "FB-IoU"]
    if len(folds) > 1:
        header += [f"{head}, {fold}" for head in HEADS.values() for fold in folds]
    rows = []
    for name, found in results.items():
        for shots, each in found["shots"].items():
            cells = [per_cent(each["mean"][key]) for key in HEADS]
            if len(folds) > 1:
                cells += [per_cent(each["folds"][fold][key]) for key in HEADS for fold in folds]
            rows.append((name, said(shots), *cells))
    return Table(tuple(header), tuple(rows), frozenset(range(len(first["shots"]))))


def class_chart(found: Found) -> Chart:
    """Return IoU by class, the best first; of many classes both ends."""
    by_shots = found["shots"]
    order = _ordered(next(iter(by_shots.values()))["classes"])
    shown = order if len(order) <= BARS else order[: BARS // 2] + order[-BARS // 2 :]
    title = "IoU by class"
    if len(shown) < len(order):
        title += f": the best and the worst {BARS // 2} of {len(order)}"
    series = tuple(_bars(said(shots), each["classes"], shown) for shots, each in by_shots.items())
    return Chart(title, "class", "IoU, %", series, kind="bar", y_range=(0, 100))


def _ordered(classes: Mapping[str, Any]) -> list[str]:
    return sorted(classes, key=lambda name: (-_value(classes[name]), name))


def _value(entry: Mapping[str, Any]) -> float:
    value = float(entry["iou"]["value"])
    return -1.0 if math.isnan(value) else value


def _bars(name: str, classes: Mapping[str, Any], shown: list[str]) -> Series:
    entries = [classes[each]["iou"] if each in classes else _UNKNOWN for each in shown]
    values = tuple(100 * entry["value"] for entry in entries)
    low, high = (
        tuple(
            value if math.isnan(entry["interval"][side]) else 100 * entry["interval"][side]
            for value, entry in zip(values, entries, strict=True)
        )
        for side in (0, 1)
    )
    return Series(name, tuple(each.split("/", 1)[1] for each in shown), values, low, high)


def class_table(found: Found) -> Table:
    """Return one row a class, the best first."""
    by_shots = found["shots"]
    first = next(iter(by_shots.values()))["classes"]
    rows = tuple(
        (
            name.split("/", 1)[1],
            first[name]["fold"],
            str(first[name]["episodes"]),
            *(
                per_cent(each["classes"].get(name, {"iou": _UNKNOWN})["iou"])
                for each in by_shots.values()
            ),
        )
        for name in _ordered(first)
    )
    return Table(("class", "fold", "episodes", *map(_iou, by_shots)), rows)


def _iou(shots: str) -> str:
    return f"IoU, {said(shots)}"
