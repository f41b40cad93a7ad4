"""Organ-Seg's tables with our numbers in their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.organs.questions import Told
from biprompt.evaluation.page import Block, Text
from biprompt.evaluation.published import Given, Row, find_table
from biprompt.evaluation.published.blocks import published_blocks

PAPER = "organ-seg"
COLUMNS = {
    "aorta": "Aorta",
    "duodenum": "Duodenum",
    "esophagus": "Esophagus",
    "gallbladder": "Gallbladder",
    "inferior vena cava": "IVC",
    "left kidney": "Kidney_L",
    "right kidney": "Kidney_R",
    "left adrenal gland": "LAG",
    "liver": "Liver",
    "pancreas": "Pancreas",
    "right adrenal gland": "RAG",
    "spleen": "Spleen",
    "stomach": "Stomach",
}
"""What the tables call the organs."""
MEAN = "Dice"

_GIVEN = {Told.QUESTION: Given.QUESTION, Told.CLICK: Given.CLICK, Told.BOX: Given.BOX}
_TABLES = {Told.QUESTION: "Table III", Told.BOX: "Table II"}

_COMPARABLE = """\
What may be compared: Organ-Seg chose 500 slices an organ by hand, each with the organ on it, from
50 volumes, kept a fifth of them for testing, and trained on the rest. The nearest number of ours is
Dice on slices that show the organ, which is in the row below theirs; the slices are others, and
ours are of all sizes of the organ unless `--pixels` leaves small ones out. Table II is of models
without training that are asked no question: the paper calls them "exclusively segmentation models"
and does not say what they are told; SAM, SAM-Med2D and MedSAM need a point or a box, usually a box
taken from the truth. Table III is after training, with a question. The paper gives neither how
often its model refuses, nor a Dice on slices without the organ; its Figure 2 is the confusion
matrix that stands above for our model, without numbers in the text."""


def beside(report: Mapping[str, Any]) -> Iterator[Block]:
    """Yield what may be compared, then both tables."""
    told = Told(report["settings"]["told"])
    name, found = next(iter(report["results"].items()))
    row = Row(name, _values(found), frozenset({_GIVEN[told]}))
    ours = {(PAPER, _TABLES[told]): [row]} if told in _TABLES and _known(row) else {}
    yield Text(_COMPARABLE)
    yield from published_blocks("organs", {_GIVEN[told]}, ours=ours)


def _known(row: Row) -> bool:
    return any(value is not None for value in row.values)


def _values(found: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Our Dice in per cent by the tables' columns; the mean where there is every organ."""
    organs = {COLUMNS[name]: each for name, each in found["organs"].items() if name in COLUMNS}
    values: dict[str, float] = {
        column: 100 * each["dice"]["value"] for column, each in organs.items() if each["present"]
    }
    if len(values) == len(COLUMNS):
        values[MEAN] = 100 * found["dice"]["value"]
    return tuple(values.get(column) for column in find_table(PAPER, "Table III").columns)
