"""The tables and charts of the interactive report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.baselines import WHOLE
from biprompt.evaluation.page import Chart, Series, Table
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


def count_table(clicked: By) -> Table:
    """Return NoC and NoF at each IoU."""
    percents = list(_first_of(clicked)["noc"])
    header = ["", "told", *(f"{what}@{p}" for p in percents for what in ("NoC", "NoF"))]
    rows = (
        (name, _told(name, found), *(cell for p in percents for cell in _count(found["noc"][p])))
        for name, found in clicked.items()
    )
    return Table(tuple(header), tuple(rows), _OURS)


def _count(entry: Mapping[str, Any]) -> tuple[str, str]:
    return _mean(entry, 2), str(entry["failures"])


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
    """Return the mean IoU after some numbers of clicks."""
    clicks = list(_first_of(clicked)["iou"])
    header = ("", "told", *("1 click" if k == "1" else f"{k} clicks" for k in clicks))
    rows = (
        (name, _told(name, found), *(_mean(found["iou"][k]) for k in clicks))
        for name, found in clicked.items()
    )
    return Table(header, tuple(rows), _OURS)


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
    header = ("", "told", "mean IoU", *(f"IoU >= {percent} %" for percent in percents))
    rows = (
        (name, _told(name, found), _mean(found["iou"]), *(_share(found, p) for p in percents))
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


def _told(name: str, found: Found) -> str:
    """What somebody is told, and what that is beside clicks."""
    given = frozenset({Given(found["told"])}) if name != WHOLE else frozenset[Given]()
    beside = relation(Row(name, (), given), {Given.CLICKS})
    what = " + ".join(sorted(given)) or "nothing"
    return what if beside is Relation.SAME else f"{what} ({beside})"


def _mean(entry: Mapping[str, Any], digits: int = 3) -> str:
    return with_interval(entry["mean"], entry["interval"], digits)


def _first_of(results: By) -> Found:
    return next(iter(results.values()))
