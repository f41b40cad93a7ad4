"""Published tables as Markdown: every row, beside what it may stand, and what does not add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from biprompt.evaluation.page.markdown import markdown_table
from biprompt.evaluation.published.adds_up import discrepancies
from biprompt.evaluation.published.compare import relation
from biprompt.evaluation.published.tables import Given, Row, Table


def to_markdown(tables: Iterable[Table], given: Collection[Given] | None = None) -> str:
    """Return tables as Markdown, each under a heading, in their order.

    Args:
        tables: what to show.
        given: what our model is told; each row then says how it relates to that.
    """
    return "\n\n".join(chain.from_iterable(_parts(table, given) for table in tables))


def _parts(table: Table, given: Collection[Given] | None) -> Iterable[str]:
    better = "less is better" if table.fewer_is_better else "more is better"
    yield f"## {table.paper}, {table.name}: {table.data}"
    yield f"{table.source}. {table.metric}; {better}."
    if table.note:
        yield table.note
    told = ["told", *(["beside ours"] if given is not None else []), "caveat"]
    yield markdown_table(
        ["method", *table.columns, *told], (_row(table, row, given) for row in table.rows)
    )
    flags = [f"- {each.text}" for each in discrepancies(table)]
    if flags:
        yield "Does not add up:"
        yield "\n".join(flags)


def _row(table: Table, row: Row, given: Collection[Given] | None) -> list[str]:
    flagged = {each.column for each in discrepancies(table) if each.row == row.name}
    values = [
        _number(value, table.decimals) + (" (!)" if column in flagged else "")
        for column, value in zip(table.columns, row.values, strict=True)
    ]
    told = " + ".join(each.value for each in Given if each in row.given) or "nothing"
    beside = [] if given is None else [relation(row, given).value]
    return [row.name, *values, told, *beside, row.caveat]


def _number(value: float | None, decimals: int) -> str:
    return "-" if value is None else f"{value:.{decimals}f}"
