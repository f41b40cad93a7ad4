"""Published tables as Markdown, for the terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from biprompt.evaluation.page.markdown import markdown_blocks
from biprompt.evaluation.published.blocks import table_blocks
from biprompt.evaluation.published.tables import Given, Table


def to_markdown(tables: Iterable[Table], given: Collection[Given] | None = None) -> str:
    """Return tables as Markdown, each under a heading, in their order.

    Args:
        tables: what to show.
        given: what our model is told; each row then says how it relates to that.
    """
    return markdown_blocks(
        chain.from_iterable(table_blocks(table, given, level=2) for table in tables)
    )
