"""The published rows beside ours, and whether they may stand there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biprompt.evaluation.interactive.clicking import CENTRE, CLICKS
from biprompt.evaluation.page import Block, Text
from biprompt.evaluation.published import Given, Row, Table, load_tables, published_blocks

_PROTOCOL, _GIVEN = "interactive", frozenset({Given.CLICKS})


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A set that papers measure on.

    Attributes:
        name: as columns of published tables begin.
        objects: how many it has.
    """

    name: str
    objects: int


BENCHMARKS: Mapping[str, Benchmark] = {
    "grabcut-test": Benchmark("GrabCut", 50),
    "berkeley-test": Benchmark("Berkeley", 100),
    "sbd-val": Benchmark("SBD", 6671),
    "davis-test": Benchmark("DAVIS", 345),
}
"""By the name of the data; object counts as RITM's evaluation has them."""


def published(report: Mapping[str, Any]) -> Iterator[Block]:
    """Yield what papers print of the same protocol, with our row where the data are the same.

    Args:
        report: as `Study.page` takes it.
    """
    data = report["data"]["name"]
    benchmark = BENCHMARKS.get(data)
    if benchmark is None:
        yield Text(f"No published number of these tables is of {data}: none is comparable.")
        yield from published_blocks(_PROTOCOL, _GIVEN)
        return
    why = caveat(report, benchmark)
    yield Text(
        f"Columns of {benchmark.name} are of the same data, all others are not. Beside ours may "
        "stand those rows of them that were told the same and have no caveat"
        + (f"; ours has one itself: {why}." if why else ".")
    )
    tables = [table for table in load_tables() if table.protocol == _PROTOCOL]
    ours = {(t.paper, t.name): [row] for t in tables if (row := _row(t, benchmark, report, why))}
    yield from published_blocks(_PROTOCOL, _GIVEN, ours=ours)


def caveat(report: Mapping[str, Any], benchmark: Benchmark) -> str:
    """Return why our row may not stand beside published ones, empty where it may."""
    settings, found = report["settings"], next(iter(report["results"].values()))
    whys = []
    if found["objects"] != benchmark.objects:
        whys.append(f"{found['objects']} objects instead of {benchmark.objects}")
    if settings["clicks"] != CENTRE:
        whys.append(f"{settings['clicks']} clicks")
    if settings["max_clicks"] != CLICKS:
        whys.append(f"{settings['max_clicks']} clicks at most instead of {CLICKS}")
    return ", ".join(whys)


def _row(table: Table, benchmark: Benchmark, report: Mapping[str, Any], why: str) -> Row | None:
    """Our numbers in the columns of a table; None where it has none of the same data."""
    name, found = next(iter(report["results"].items()))
    values = tuple(_value(table, column, benchmark, found) for column in table.columns)
    given = any(value is not None for value in values)
    return Row(f"`{name}`", values, _GIVEN, why) if given else None


def _value(
    table: Table, column: str, benchmark: Benchmark, found: Mapping[str, Any]
) -> float | None:
    percent = re.search(r"NoC@(\d+)", f"{column} {table.metric}")
    if column.split()[0] != benchmark.name or percent is None:
        return None
    mean: float = found["noc"].get(percent[1], {}).get("mean", math.nan)
    return None if math.isnan(mean) else mean
