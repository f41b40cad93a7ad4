"""Our row among published ones: only where the data are the same."""

from __future__ import annotations

from typing import Any

import pytest

from biprompt.evaluation.interactive.beside import BENCHMARKS, caveat, published
from biprompt.evaluation.page import Table, Text
from biprompt.evaluation.published import load_tables

NOC = {"80": 1.5, "85": 2.25, "90": 3.125, "95": 9.0}


def report(data: str, objects: int, clicks: str = "centre", limit: int = 20) -> dict[str, Any]:
    noc = {percent: {"mean": mean} for percent, mean in NOC.items()}
    return {
        "data": {"name": data},
        "settings": {"clicks": clicks, "max_clicks": limit},
        "results": {"compact": {"objects": objects, "noc": noc}, "whole image": {}},
    }


def ours(data: str, objects: int, **settings: Any) -> tuple[str, list[dict[str, str]]]:
    """The text above, and our row of each published table by its header."""
    first, *blocks = published(report(data, objects, **settings))
    assert isinstance(first, Text)
    tables = [block for block in blocks if isinstance(block, Table)]
    assert len(tables) == sum(table.protocol == "interactive" for table in load_tables())
    rows = [dict(zip(t.header, t.rows[i], strict=True)) for t in tables for i in t.marked]
    return first.text, rows


def test_the_columns_of_the_same_data_and_iou() -> None:
    text, rows = ours("sbd-val", 6671)
    assert "Columns of SBD are of the same data, all others are not." in text
    assert all(row["method"] == "`compact`" and row["told"] == "oracle clicks" for row in rows)
    measured = [{name: cell for name, cell in row.items() if cell[:1].isdigit()} for row in rows]
    assert measured == [{"SBD": "3.12"}, {"SBD NoC@85": "2.25"}]


def test_other_data_have_no_row() -> None:
    text, rows = ours("coco-mval-test", 395)
    assert text.endswith("is of coco-mval-test: none is comparable.") and rows == []


@pytest.mark.parametrize(
    ("objects", "settings", "why"),
    [
        (50, {}, ""),
        (8, {}, "8 objects instead of 50"),
        (50, {"clicks": "jittered"}, "jittered clicks"),
        (49, {"limit": 10}, "49 objects instead of 50, 10 clicks at most instead of 20"),
    ],
)
def test_why_ours_may_not_stand_there(objects: int, settings: dict[str, Any], why: str) -> None:
    assert caveat(report("grabcut-test", objects, **settings), BENCHMARKS["grabcut-test"]) == why
    text, rows = ours("grabcut-test", objects, **settings)
    assert len(rows) == 2 and all(row.get("caveat", "") == why for row in rows)
    assert text.endswith(f"ours has one itself: {why}." if why else "no caveat.")


def test_without_a_number_there_is_no_row() -> None:
    once = report("grabcut-test", 50)
    once["results"]["compact"]["noc"] = {}
    assert not any(block.marked for block in published(once) if isinstance(block, Table))


def test_benchmarks_are_columns_of_published_tables() -> None:
    columns = [
        c.split()[0] for t in load_tables() if t.protocol == "interactive" for c in t.columns
    ]
    assert {each.name for each in BENCHMARKS.values()} <= set(columns)
