"""The published tables of a data set, with our numbers in their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.page import Block, Text
from biprompt.evaluation.published import Given, Row, load_tables
from biprompt.evaluation.published.blocks import published_blocks
from biprompt.evaluation.referring.questions import Reading

TABLES = {
    "refcoco": "RefCOCO",
    "refcoco+": "RefCOCO+",
    "refcocog-umd": "RefCOCOg",
    "refcocog-google": "RefCOCOg",
    "refclef": "RefCLEF",
    "refclef-berkeley": "RefCLEF",
    "ade20k": "ADE20K",
    "pascal-voc": "Pascal VOC",
    "pascal-part": "Pascal-Part",
    "reasonseg": "ReasonSeg",
}
"""What published tables call the data sets they were measured on."""

_PATTERNS = {
    "refcoco": ("RefCOCO {split}",),
    "refcoco+": ("RefCOCO+ {split}",),
    "refcocog-umd": ("RefCOCOg {split}", "RefCOCOg umd {split}"),
    "refcocog-google": ("RefCOCOg google {split}",),
    "refclef": ("RefCLEF {split}",),
    "refclef-berkeley": ("RefCLEF {split}",),
}
"""Columns of cumulative IoU by data set."""
_BOTH = {
    ("ade20k", "val"): "ADE20K {metric}",
    ("pascal-voc", "val"): "Pascal VOC {metric}",
    ("pascal-part", "val"): "{metric}",
    ("reasonseg", "val"): "val {metric}",
    ("reasonseg", "test"): "test {metric}",
}
"""Columns of gIoU and cIoU by data set and split."""


def beside(report: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return the published tables of the report's data set; a line where there is none."""
    settings = report["settings"]
    reading, dataset = Reading(settings["reading"]), settings["dataset"]
    if settings["every_class"] or dataset not in TABLES:
        text = (
            "No published table that is kept here was measured on this set in this way; "
            "`biprompt evaluate published --protocol referring` prints those of other sets."
        )
        return (Text(text),)
    given = Given.TEXT if reading is Reading.SENTENCES else Given.NAME
    name, found = next(iter(report["results"].items()))
    row = name, _columns(dataset, found), given
    return published_blocks("referring", {given}, data=TABLES[dataset], ours=_ours(*row))


def _columns(dataset: str, found: Mapping[str, Any]) -> dict[str, float]:
    """Our numbers in per cent by the names that published columns have."""
    columns = {}
    for split, each in found["splits"].items():
        masks = each[found["counted"]]
        for pattern in _PATTERNS.get(dataset, ()):
            columns[pattern.format(split=split)] = 100 * masks["ciou"]["value"]
        for metric in ("gIoU", "cIoU"):
            pattern = _BOTH.get((dataset, split), "")
            columns[pattern.format(metric=metric)] = 100 * masks[metric.lower()]["value"]
    return columns


def _ours(
    name: str, columns: Mapping[str, float], given: Given
) -> dict[tuple[str, str], list[Row]]:
    found = {}
    for table in load_tables():
        values = tuple(columns.get(column) for column in table.columns)
        if table.protocol == "referring" and any(value is not None for value in values):
            found[table.paper, table.name] = [Row(name, values, frozenset({given}))]
    return found
