"""The table in docs/prompts.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.matrix.asking import PROMPTS, WHOLE, outcome

from biprompt.segmenter import Segmenter

PAGE = Path(__file__).parents[2] / "docs" / "prompts.md"
BEGIN, END = "<!-- matrix -->\n", "<!-- end of matrix -->\n"
Cells = Mapping[str, Mapping[str, str]]


def measured(models: Mapping[str, Segmenter]) -> Cells:
    """Ask every model everything: prompt -> model -> outcome."""
    names = (*PROMPTS, *WHOLE)
    return {name: {kind: outcome(one, name) for kind, one in models.items()} for name in names}


def table(cells: Cells) -> str:
    """Rows of prompts; models that answer alike share a column, and reasons a footnote."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for model in next(iter(cells.values())):
        groups.setdefault(tuple(row[model] for row in cells.values()), []).append(model)
    reasons = sorted({cell for column in groups for cell in column if cell.startswith("refused")})
    marks = {reason: f"no ({number})" for number, reason in enumerate(reasons, 1)}
    lines = [
        "| prompt | " + " | ".join(", ".join(names) for names in groups.values()) + " |",
        "| --- |" + " --- |" * len(groups),
    ]
    for row, name in enumerate(cells):
        shown = [marks.get(column[row], column[row]) for column in groups]
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    notes = [f"- {mark.removeprefix('no ')} `{why.removeprefix('refused: ')}`"
             for why, mark in marks.items()]  # fmt: skip
    return "\n".join([*lines, "", *notes, ""])


def in_page(text: str, made: str) -> str:
    """The page with another table."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + made + END + rest.split(END)[1]
