"""Published tables as blocks of a page: every row, beside what it may stand, what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Literal

from biprompt.evaluation.page.blocks import Block, Bullets, Heading, Text
from biprompt.evaluation.page.blocks import Table as TableBlock
from biprompt.evaluation.published.adds_up import discrepancies
from biprompt.evaluation.published.compare import relation
from biprompt.evaluation.published.tables import Given, Row, Table, load_tables

Ours = Mapping[tuple[str, str], Sequence[Row]]
"""Rows of ours by (key of the paper, the table's number there), as ("evf-sam", "Table 1")."""

NONE_OF_OURS: Ours = {}


def published_blocks(
    protocol: str,
    given: Collection[Given],
    *,
    data: str | None = None,
    ours: Ours = NONE_OF_OURS,
) -> tuple[Block, ...]:
    """Return every published table of a protocol, each row with how it relates to ours.

    Args:
        protocol: of ours, as `interactive`.
        given: what our model is told.
        data: only tables whose data mention this, capitals or not; None takes all.
        ours: what we measured of the same, put below the published rows and marked; a value for
            each column, None for what was not measured.

    Returns:
        Headings of level 3, texts, tables and bullets; none where nothing was published.
    """
    asked = "" if data is None else data.casefold()
    tables = [
        table
        for table in load_tables()
        if table.protocol == protocol and asked in table.data.casefold()
    ]
    return tuple(
        chain.from_iterable(
            table_blocks(table, given, ours=ours.get((table.paper, table.name), ()))
            for table in tables
        )
    )


def table_blocks(
    table: Table,
    given: Collection[Given] | None,
    *,
    level: Literal[2, 3] = 3,
    ours: Sequence[Row] = (),
) -> Iterator[Block]:
    """Yield one published table: heading, source, note, rows, and what does not add up.

    Args:
        table: what to show.
        given: what our model is told; each row then says how it relates to that.
        level: of the heading.
        ours: rows to put below the published ones.
    """
    better = "less is better" if table.fewer_is_better else "more is better"
    yield Heading(f"{table.paper}, {table.name}: {table.data}", level)
    yield Text(f"{table.source}. {_sentence(table.metric)}; {better}.")
    if table.note:
        yield Text(table.note)
    yield _rows(table, given, ours)
    flags = tuple(each.text for each in discrepancies(table))
    if flags:
        yield Text("Does not add up:")
        yield Bullets(flags)


def _sentence(metric: str) -> str:
    """Begin with a capital, but never write MIoU."""
    return metric[:1].upper() + metric[1:] if metric[:2].islower() else metric


def _rows(table: Table, given: Collection[Given] | None, ours: Sequence[Row]) -> TableBlock:
    """All rows; a column in which none says anything is left out."""
    marks = {(each.row, each.column) for each in discrepancies(table)}
    related = ["" if given is None else relation(row, given).value for row in table.rows]
    related += ["" if given is None else "ours"] * len(ours)
    rows = [
        (row.name, *_values(table, row, marks), _told(row), beside, row.caveat)
        for row, beside in zip((*table.rows, *ours), related, strict=True)
    ]
    header = ("method", *table.columns, "told", "beside ours", "caveat")
    kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
    marked = frozenset(range(len(table.rows), len(rows)))
    return TableBlock(_only(header, kept), tuple(_only(row, kept) for row in rows), marked)


def _only(cells: Sequence[str], kept: Sequence[int]) -> tuple[str, ...]:
    return tuple(cells[place] for place in kept)


def _values(table: Table, row: Row, marks: Collection[tuple[str, str]]) -> Iterator[str]:
    for column, value in zip(table.columns, row.values, strict=True):
        number = "-" if value is None else f"{value:.{table.decimals}f}"
        yield f"{number} (!)" if (row.name, column) in marks else number


def _told(row: Row) -> str:
    return " + ".join(each.value for each in Given if each in row.given) or "nothing"
