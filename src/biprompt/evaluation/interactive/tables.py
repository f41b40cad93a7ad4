"""The tables and charts of the interactive report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.baselines import WHOLE
from biprompt.evaluation.page import Bullets, Chart, Series, Table
from biprompt.evaluation.page.numbers import number, with_interval
from biprompt.evaluation.published import Given, Relation, Row, relation

Found = Mapping[str, Any]
By = Mapping[str, Found]
"""What `summarize` returned, by contender; the judged one first."""

_OURS = frozenset({0})
_WAITS = {
    "look": "look at a photograph",
    "first_click": "first click",
    "later_click": "later click",
}


def told(results: By) -> Bullets:
    """Return what everybody is told, and what that is beside the clicks of the model."""
    return Bullets(tuple(f"{name}: {_told(name, found)}" for name, found in results.items()))


def _told(name: str, found: Found) -> str:
    given = frozenset({Given(found["told"])}) if name != WHOLE else frozenset[Given]()
    beside = relation(Row(name, (), given), {Given.CLICKS})
    what = " + ".join(sorted(given)) or "nothing"
    return what if beside is Relation.SAME else f"{what} ({beside})"


def count_table(clicked: By) -> Table:
    """Return NoC and NoF at each IoU, a column for everybody who was told clicks."""
    counts = {name: found["noc"] for name, found in clicked.items()}
    percents = list(_first_of(counts))
    rows = [(f"NoC@{p}", *(_mean(each[p], 2) for each in counts.values())) for p in percents] + [
        (f"NoF@{p}", *(str(each[p]["failures"]) for each in counts.values())) for p in percents
    ]
    return Table(("", *counts), tuple(rows))


def count_chart(clicked: By) -> Chart:
    """Return NoC as bars."""
    series = tuple(
        Series(
            name,
            x=tuple(f"NoC@{percent}" for percent in found["noc"]),
            y=tuple(each["mean"] for each in found["noc"].values()),
            low=tuple(each["interval"][0] for each in found["noc"].values()),
            high=tuple(each["interval"][1] for each in found["noc"].values()),
        )
        for name, found in clicked.items()
    )
    limit = float(_first_of(clicked)["clicks"])
    return Chart("Clicks to reach an IoU", "", "clicks", series, "bar", (0.0, limit))


def iou_table(clicked: By) -> Table:
    """Return the mean IoU after some numbers of clicks, a column for everybody who was told any."""
    ious = {name: found["iou"] for name, found in clicked.items()}
    rows = (
        ("1 click" if k == "1" else f"{k} clicks", *(_mean(each[k]) for each in ious.values()))
        for k in _first_of(ious)
    )
    return Table(("mean IoU after", *ious), tuple(rows))


def curve_chart(clicked: By, boxed: By) -> Chart:
    """Return the mean IoU after every number of clicks, and what a box gives as a level line."""
    x = tuple(float(k) for k in range(1, _first_of(clicked)["clicks"] + 1))
    curves = (
        Series(name, x, *(tuple(found["curve"][part]) for part in ("mean", "low", "high")))
        for name, found in clicked.items()
    )
    levels = (
        Series(f"{name}, once", x, (found["iou"]["mean"],) * len(x))
        for name, found in boxed.items()
    )
    return Chart("Mean IoU after k clicks", "clicks", "mean IoU", (*curves, *levels))


def box_table(boxed: By) -> Table:
    """Return what those give that are told a box: IoU, and how often it is reached."""
    percents = list(_first_of(boxed)["reached"])
    header = ("", "mean IoU", *(f"IoU >= {percent} %" for percent in percents))
    rows = (
        (name, _mean(found["iou"]), *(_share(found, p) for p in percents))
        for name, found in boxed.items()
    )
    return Table(header, tuple(rows))


def _share(found: Found, percent: str) -> str:
    return f"{number(100 * found['reached'][percent], 1)} %"


def first_table(clicked: By) -> Table:
    """Return what the first click gives."""
    rows = (
        (
            name,
            _mean(found["first"]["own"]),
            _mean(found["first"]["best"]),
            number(found["first"]["score_correlation"], 2),
        )
        for name, found in clicked.items()
    )
    return Table(("", "own pick", "best candidate", "correlation"), tuple(rows), _OURS)


def wait_table(timing: Mapping[str, float]) -> Table:
    """Return the seconds that were measured."""
    rows = ((text, number(timing[name])) for name, text in _WAITS.items() if name in timing)
    return Table(("", "seconds"), tuple(rows))


def _mean(entry: Mapping[str, Any], digits: int = 3) -> str:
    return with_interval(entry["mean"], entry["interval"], digits)


def _first_of(results: By) -> Found:
    return next(iter(results.values()))
