"""`biprompt evaluate published`: the papers' tables, and which of their rows do not add up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import names
from biprompt.errors import InputError

HELP = """Print the papers' tables as Markdown: what each method was told, and what does not add up.

Averages are checked against their columns and quoted rows against the tables they come from; a
number is marked (!) only where no rounding explains it. With --given, each row also says whether
its method was told the same as yours.

\b
  biprompt evaluate published --protocol organs
  biprompt evaluate published --protocol referring --given text
"""

Protocol = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only the tables of one protocol.", show_default=False),
]
GivenNames = Annotated[
    list[str],
    typer.Option(
        "--given",
        metavar="A,B,...",
        help="What your model is told, for example 'oracle click,text'.",
        show_default=False,
        default_factory=list,
    ),
]


def published(given: GivenNames, protocol: Protocol = None, debug: o.Debug = False) -> None:
    """Print the tables."""
    from biprompt.evaluation.published import Given, load_tables, to_markdown

    told = names("--given", given)
    _check("--given", told, [each.value for each in Given])
    tables = load_tables()
    if protocol is not None:
        _check("--protocol", [protocol], sorted({table.protocol for table in tables}))
        tables = tuple(table for table in tables if table.protocol == protocol)
    print(to_markdown(tables, [Given(name) for name in told] if given else None))


def _check(option: str, asked: Iterable[str], known: Collection[str]) -> None:
    for name in asked:
        if name not in known:
            raise InputError(option, expected=f"one of {', '.join(known)}", actual=name)
