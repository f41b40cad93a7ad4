"""Tables and charts of the organs report; Dice from 0 to 1, shares in per cent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.organs.record import ELSEWHERE
from biprompt.evaluation.page import Chart, Series, Table
from biprompt.evaluation.page.numbers import number, with_interval
from biprompt.metrics import NONE

Found = Mapping[str, Any]
Results = Mapping[str, Found]


def known(entry: Mapping[str, Any], digits: int = 3, times: float = 1.0) -> str:
    """Return a number with its interval where there is one."""
    ends = [times * end for end in entry["interval"]]
    interval = None if any(map(math.isnan, ends)) else ends
    return with_interval(times * entry["value"], interval, digits)


def numbers_table(results: Results) -> Table:
    """Return what every contender reaches; the first one is ours."""
    header = ("", "Dice", "Dice, no refusals", "N-acc, %", "T-acc, %", "right, %", "refused, %")
    rows = tuple(
        (
            name,
            *(known(found[key]) for key in ("dice", "dice_always")),
            *(known(found[key], 1, 100) for key in ("n_acc", "t_acc", "accuracy", "refused")),
        )
        for name, found in results.items()
    )
    return Table(header, rows, frozenset({0}))


def organs_table(found: Found) -> Table:
    """Return one row an organ."""
    header = ("organ", "slices with it", "Dice", "Dice, no refusals", "Dice of volumes",
              "Dice, all slices", "recognised, %", "T-acc, %", "N-acc, %")  # fmt: skip
    rows = tuple(
        (
            name,
            str(each["present"]),
            *(known(each[key]) for key in ("dice", "dice_always")),
            *(number(each[key]) for key in ("volume_dice", "dice_every")),
            *(number(100 * each[key], 1) for key in ("recognised", "t_acc", "n_acc")),
        )
        for name, each in found["organs"].items()
    )
    return Table(header, rows)


def dice_chart(results: Results) -> Chart:
    """Return Dice by organ of every contender."""
    series = tuple(_bars(name, found) for name, found in results.items())
    return Chart("Dice on slices that show the organ", "organ", "Dice", series, kind="bar")


def _bars(name: str, found: Found) -> Series:
    entries = [each["dice"] for each in found["organs"].values()]
    low, high = (
        tuple(e["value"] if math.isnan(e["interval"][end]) else e["interval"][end] for e in entries)
        for end in (0, 1)
    )
    return Series(name, tuple(found["organs"]), tuple(e["value"] for e in entries), low, high)


def confusion_table(found: Found) -> Table:
    """Return Figure 2 as a table: a row for what is right, a column for what was answered."""
    names, counts = found["confusion"]["names"], found["confusion"]["counts"]
    rows = tuple(
        (name, *(str(count) if count else "-" for count in row))
        for name, row in zip(names, counts, strict=True)
        if name in found["organs"] or name == NONE
    )
    caption = f"Rows: what is right; columns: what was answered. `{NONE}` is a refusal"
    if any(row[names.index(ELSEWHERE)] for row in counts):
        caption += f"; `{ELSEWHERE}` a mask that touches none"
    return Table(("", *names), rows, caption=f"{caption}.")
