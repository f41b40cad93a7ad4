"""The survey's open-vocabulary table with our numbers in its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.open_vocabulary.record import VARIANTS
from biprompt.evaluation.open_vocabulary.splits import UNSEEN
from biprompt.evaluation.page import Block, Text
from biprompt.evaluation.published import Given, Row, find_table
from biprompt.evaluation.published.blocks import published_blocks

PAPER, TABLE = "survey", "Table 8"
DATA = {"coco-stuff": "COCO-Stuff", "pascal-voc": "VOC", "pascal-context": "Context"}
"""What the table calls the data sets."""

_NONE = """\
No published table that is kept here was measured on this set in this way;
`biprompt evaluate published --protocol open-vocabulary` prints those of other sets."""
_COMPARABLE = """\
What may be compared: the methods below were trained on the seen classes of the very set and kept
its unseen ones out; "seen" and "unseen" say that of them, not of the model measured here, which may
have met any of these classes elsewhere, or none. Zero-shot methods leave the background of Pascal
VOC uncounted, as `--ignore-background` does; not all rows of one column do the same. Ours stands
below only where the unseen classes are the usual ones (`--unseen standard`)."""


def beside(report: Mapping[str, Any]) -> Iterator[Block]:
    """Yield what may be compared, then the table; a line where the set is in none."""
    settings = report["settings"]
    dataset = settings["dataset"]
    if dataset not in DATA:
        yield Text(_NONE)
        return
    yield Text(_COMPARABLE)
    name, found = next(iter(report["results"].items()))
    is_usual = set(settings["unseen"]) == set(UNSEEN[dataset])
    ours = {(PAPER, TABLE): [_row(name, found, DATA[dataset])]} if is_usual else {}
    yield from published_blocks("open-vocabulary", {Given.NAME}, data=DATA[dataset], ours=ours)


def _row(name: str, found: Mapping[str, Any], data: str) -> Row:
    numbers = found["variants"][next(iter(VARIANTS))]
    columns = {"seen": "seen", "unseen": "unseen", "mean": "harmonic"}
    values = {f"{data} {column}": 100 * numbers[key]["value"] for column, key in columns.items()}
    known = tuple(values.get(column) for column in find_table(PAPER, TABLE).columns)
    return Row(name, known, frozenset({Given.NAME}))
