"""Published tables as values, read from the TOML files beside this module."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from biprompt.errors import DataError


class Given(StrEnum):
    """What a method is told about one image besides its pixels."""

    CLICK = "oracle click"  # one point, taken from the truth
    CLICKS = "oracle clicks"  # corrected by the truth, again and again
    BOX = "oracle box"  # taken from the truth
    FOUND_BOX = "found box"  # from a detector
    TEXT = "text"  # a phrase about this very image
    NAME = "class name"
    QUESTION = "question"
    EXAMPLES = "examples"  # other images with their masks


@dataclass(frozen=True, slots=True)
class Row:
    """One method.

    Attributes:
        name: as the table spells it.
        values: one number a column, None where the table has a dash.
        given: what the method is told; nothing for a network trained on the very classes.
        caveat: why its numbers should not stand beside others, empty for no reason.
    """

    name: str
    values: tuple[float | None, ...]
    given: frozenset[Given]
    caveat: str = ""


@dataclass(frozen=True, slots=True)
class Average:
    """A column that states the mean of others.

    Attributes:
        column: where the mean stands.
        of: the columns it is the mean of.
        harmonic: whether it is the harmonic mean.
    """

    column: str
    of: tuple[str, ...]
    harmonic: bool = False


@dataclass(frozen=True, slots=True)
class Quotation:
    """A column that quotes the mean of columns of another table, row by row.

    Attributes:
        column: the quoting column.
        paper: key of the quoted paper.
        table: the quoted table.
        of: columns there whose mean is quoted.
        names: how the other table spells a row's name, where it differs.
    """

    column: str
    paper: str
    table: str
    of: tuple[str, ...]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A published table.

    Attributes:
        paper: key of the paper, the name of its file.
        source: the paper in words.
        name: the table's number there.
        protocol: the protocol of ours that repeats it.
        data: what was measured on.
        metric: what the numbers are.
        columns: names, in order.
        decimals: digits after the point, as printed.
        fewer_is_better: whether low numbers are good.
        averages: columns that are means of others.
        quotations: columns quoted from another table.
        note: what a reader should know.
        rows: the methods.
    """

    paper: str
    source: str
    name: str
    protocol: str
    data: str
    metric: str
    columns: tuple[str, ...]
    decimals: int
    fewer_is_better: bool
    averages: tuple[Average, ...]
    quotations: tuple[Quotation, ...]
    note: str
    rows: tuple[Row, ...]

    def value(self, row: Row, column: str) -> float | None:
        """Return the number of a row in a column, None for a dash."""
        return row.values[self.columns.index(column)]

    def row(self, name: str) -> Row | None:
        """Return the row of a name, None for none."""
        return next((row for row in self.rows if row.name == name), None)


@cache
def load_tables() -> tuple[Table, ...]:
    """Read every published table, papers by name, tables in their order.

    Raises:
        DataError: a row has another number of values than its table has columns.
    """
    folder = files("biprompt.evaluation.published")
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(
        table
        for file in found
        for table in _paper(file.name, tomllib.loads(file.read_text("utf-8")))
    )


def find_table(paper: str, name: str) -> Table:
    """Return the table of a number in a paper.

    Raises:
        DataError: there is no such table.
    """
    for table in load_tables():
        if (table.paper, table.name) == (paper, name):
            return table
    known = ", ".join(f"{table.paper} {table.name}" for table in load_tables())
    raise DataError("published table", expected=f"one of {known}", actual=f"{paper} {name}")


def _paper(file: str, document: Mapping[str, Any]) -> Iterator[Table]:
    for entry in document["table"]:
        yield _table(file.removesuffix(".toml"), document["source"], entry)


def _table(paper: str, source: str, entry: Mapping[str, Any]) -> Table:
    columns = tuple(entry["columns"])
    return Table(
        paper=paper,
        source=entry.get("source", source),
        name=entry["name"],
        protocol=entry["protocol"],
        data=entry["data"],
        metric=entry["metric"],
        columns=columns,
        decimals=entry["decimals"],
        fewer_is_better=entry.get("fewer_is_better", False),
        averages=tuple(_average(each) for each in entry.get("average", ())),
        quotations=tuple(_quotation(each) for each in entry.get("quotation", ())),
        note=entry.get("note", ""),
        rows=tuple(_row(_common(entry) | each, columns, paper) for each in entry["rows"]),
    )


def _common(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a table says once for all its rows, unless one says otherwise."""
    return {"given": entry.get("given", ()), "caveat": entry.get("caveat", "")}


def _row(entry: Mapping[str, Any], columns: tuple[str, ...], paper: str) -> Row:
    values, name = entry["values"], entry["name"]
    if len(values) != len(columns):
        raise DataError(f"{paper}, {name}", expected=f"{len(columns)} values", actual=len(values))
    return Row(
        name=name,
        values=tuple(None if math.isnan(value) else float(value) for value in values),
        given=frozenset(map(Given, entry["given"])),
        caveat=entry["caveat"],
    )


def _average(entry: Mapping[str, Any]) -> Average:
    return Average(entry["column"], tuple(entry["of"]), entry.get("harmonic", False))


def _quotation(entry: Mapping[str, Any]) -> Quotation:
    names = dict(entry.get("names", {}))
    return Quotation(entry["column"], entry["paper"], entry["table"], tuple(entry["of"]), names)
