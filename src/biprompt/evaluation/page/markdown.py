"""A page as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from biprompt.evaluation.page.blocks import Block, Bullets, Chart, Heading, Page, Table, Text

_CODE = re.compile(r"(`[^`]+`)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def to_markdown(page: Page) -> bytes:
    """Return a page as UTF-8 Markdown; charts, which it cannot show, are left out."""
    body = markdown_blocks(page.blocks)
    # A name of a file may hold bytes that are no text.
    return (f"# {_text(page.title)}\n\n{body}".rstrip("\n") + "\n").encode("utf-8", "replace")


def markdown_blocks(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown without a title, empty lines between them."""
    return "\n\n".join(part for part in map(_block, blocks) if part)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; bars and tags inside cells are escaped, line breaks are spaces."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_text(block.text)}"
        case Text():
            return _text(block.text)
        case Bullets():
            return "\n".join(f"- {_text(line)}" for line in block.lines)
        case Table():
            rows = (_marked(block, place) for place in range(len(block.rows)))
            caption = f"{_text(block.caption)}\n\n" if block.caption else ""
            return caption + markdown_table(block.header, rows)
        case Chart():
            return ""


def _marked(table: Table, index: int) -> Sequence[str]:
    first, *others = table.rows[index]
    bold = f"**{first.replace('**', '')}**"
    return [bold if index in table.marked else first, *others]


def _cell(cell: str) -> str:
    return _text(cell).replace("|", r"\|").replace("\n", " ")


def _text(text: str) -> str:
    """Escape what would be read as a tag, outside of `code`."""
    parts = _CODE.split(text)
    return "".join(part if part[:1] == "`" else _TAG.sub(r"\<", part) for part in parts)
