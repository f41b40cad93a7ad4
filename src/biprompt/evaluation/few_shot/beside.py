"""The survey's few-shot tables with our numbers in their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.data.readers._episodes import FOLDS
from biprompt.evaluation.few_shot.asking import Told
from biprompt.evaluation.few_shot.tables import HEADS
from biprompt.evaluation.page import Block, Text
from biprompt.evaluation.published import Given, Row, find_table
from biprompt.evaluation.published.blocks import published_blocks

PAPER = "survey"
NAMES = {"pascal-5i": "PASCAL-5i", "coco-20i": "COCO-20i", "fss-1000": "FSS-1000"}
"""What the tables call the data sets."""
BY_NAME = "Table 9"

_CAVEAT = "no example is shown: told the class name, in the columns of one shot"
_EXAMPLES = """\
What may be compared: the methods below were trained on the classes of the other folds and met those
of the fold measured for the first time; SegGPT, however, was trained on COCO and Pascal VOC. The
episodes are those of our seed, not theirs."""
_TOLD_NAME = """\
What may be compared: our model is told the name of the class and shown no example, which is another
task. Of few-shot methods our row is there to see the distance, and is marked.{more}"""
_NAMES_TOO = " The table of methods that are told names is the one that ours stands beside."


def beside(report: Mapping[str, Any]) -> Iterator[Block]:
    """Yield what may be compared, and the tables of the report's data set."""
    settings = report["settings"]
    name, told = NAMES.get(settings["dataset"], ""), Told(settings["told"])
    if not name:
        yield Text("No published table that is kept here was measured on this set.")
        return
    model, found = next(iter(report["results"].items()))
    given = Given.NAME if told is Told.NAME else Given.EXAMPLES
    if told is Told.EXAMPLES:
        yield Text(_EXAMPLES)
    else:
        row = _by_name(model, found["shots"]["0"], name, settings["splits"])
        yield Text(_TOLD_NAME.format(more=_NAMES_TOO if _known(row) else ""))
        ours = {(PAPER, BY_NAME): [row]} if _known(row) else {}
        yield from published_blocks("open-vocabulary", {given}, data=name, ours=ours)
    table = f"Table 7, {name}"
    row = _by_examples(model, found["shots"], table, settings["splits"], given)
    ours = {(PAPER, table): [row]} if _known(row) else {}
    yield from published_blocks("few-shot", {given}, data=name, ours=ours)


def _known(row: Row) -> bool:
    return any(value is not None for value in row.values)


def _by_examples(
    model: str, shots: Mapping[str, Any], table: str, splits: list[str], given: Given
) -> Row:
    """The means over folds; of some folds alone there is none to compare."""
    whole = set(splits) in (set(FOLDS), {"test"})
    values = {
        f"{head} {1 if count == '0' else count}-shot": 100 * each["mean"][key]["value"]
        for count, each in shots.items()
        for key, head in HEADS.items()
        if whole
    }
    known = tuple(values.get(column) for column in find_table(PAPER, table).columns)
    return Row(model, known, frozenset({given}), _CAVEAT if given is Given.NAME else "")


def _by_name(model: str, found: Mapping[str, Any], name: str, splits: list[str]) -> Row:
    values = {
        f"{name} {fold.replace('fold', 'fold ')}": 100 * each["miou"]["value"]
        for fold, each in found["folds"].items()
    }
    if set(splits) == set(FOLDS):
        values[f"{name} mean"] = 100 * found["mean"]["miou"]["value"]
    known = tuple(values.get(column) for column in find_table(PAPER, BY_NAME).columns)
    return Row(model, known, frozenset({Given.NAME}))
