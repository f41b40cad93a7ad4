"""A table as HTML: numbers in columns, rows of ours marked, scrolling in a box of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from biprompt.evaluation.page.blocks import Table
from biprompt.evaluation.page.inline import inline_html, plain

FLAG = " (!)"
"""Ends a number that is not what it says; it hangs beside the column, so that digits align."""

_NUMBER = re.compile(r"[-+<>~]?\s?[\d.][\d.,]*\s?[A-Za-z%/]{0,5}(\s*[\[(].*)?")
_NOTHING = ("", "-")
_LONG = 26
"""A text of more characters is broken into lines."""


def table_html(table: Table, label: str) -> str:
    """Return a table inside a box that scrolls where the page is too narrow.

    Args:
        table: its first column names the rows.
        label: what it is, for those who cannot see where it stands.
    """
    kinds = [_kind([row[place] for row in table.rows]) for place in range(len(table.header))]
    head = "".join(
        f'<th{_classes(kind)} scope="col">{inline_html(name)}</th>'
        for name, kind in zip(table.header, kinds, strict=True)
    )
    body = "".join(_row(row, kinds, i in table.marked) for i, row in enumerate(table.rows))
    caption = f"<caption>{inline_html(table.caption)}</caption>" if table.caption else ""
    name = escape(plain(table.caption or label))
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{name}"><table>{caption}'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )


def _kind(cells: Sequence[str]) -> str:
    """Say what a column holds: numbers, short words, or sentences."""
    known = [plain(cell).removesuffix(FLAG) for cell in cells if cell not in _NOTHING]
    if known and all(_NUMBER.fullmatch(cell) for cell in known):
        return "number"
    return "long" if any(len(cell) > _LONG for cell in known) else ""


def _row(row: Sequence[str], kinds: Sequence[str], marked: bool) -> str:
    first, *others = row
    ours = ' <span class="unseen">(ours)</span>' if marked else ""
    cells = [f'<th{_classes(kinds[0])} scope="row">{inline_html(first)}{ours}</th>']
    cells += [_cell(cell, kind) for cell, kind in zip(others, kinds[1:], strict=True)]
    return f"<tr{_classes('ours' if marked else '')}>{''.join(cells)}</tr>\n"


def _cell(cell: str, kind: str) -> str:
    if cell == "-":
        return f"<td{_classes(kind, 'none')}>&ndash;</td>"
    if kind == "number" and cell.endswith(FLAG):
        number = inline_html(cell.removesuffix(FLAG))
        flag = f'<span class="flag" title="does not add up">{escape(FLAG)}</span>'
        return f"<td{_classes(kind)}>{number}{flag}</td>"
    return f"<td{_classes(kind)}>{inline_html(cell)}</td>"


def _classes(*names: str) -> str:
    given = " ".join(filter(None, names))
    return f' class="{given}"' if given else ""
