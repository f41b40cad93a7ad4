"""A page as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from biprompt.evaluation.page.blocks import Block, Bullets, Chart, Heading, Page, Table, Text


def to_markdown(page: Page) -> bytes:
    """Return a page as UTF-8 Markdown; charts, which it cannot show, are left out."""
    body = markdown_blocks(page.blocks)
    return (f"# {page.title}\n\n{body}".rstrip("\n") + "\n").encode()


def markdown_blocks(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown without a title, empty lines between them."""
    return "\n\n".join(part for part in map(_block, blocks) if part)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {block.text}"
        case Text():
            return block.text
        case Bullets():
            return "\n".join(f"- {line}" for line in block.lines)
        case Table():
            return markdown_table(block.header, (_marked(block, i) for i in range(len(block.rows))))
        case Chart():
            return ""


def _marked(table: Table, index: int) -> Sequence[str]:
    first, *others = table.rows[index]
    return [f"**{first}**" if index in table.marked else first, *others]
