"""`biprompt data`: which published data sets can be read, and how to get each."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli import pairs
from biprompt.cli.commands import add
from biprompt.cli.table import table

if TYPE_CHECKING:
    from biprompt.data.catalogue import DatasetCard

HELP = """List the published data sets that can be read; say how to get one, and its terms.

\b
  biprompt data where refcoco
  biprompt data pairs flare22 DIR -o pairs

Nothing is downloaded, and no network is needed.
"""
WHERE = """Say where a data set is to be had, what to unpack where, its size and its terms."""

HEADER = ("data set", "samples", "splits", "what it is")


def _names(incomplete: str) -> list[str]:
    from biprompt.data.catalogue import CATALOGUE

    return [name for name in CATALOGUE if name.startswith(incomplete)]


Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A data set; `biprompt data` lists them.",
        autocompletion=_names,
        show_default=False,
    ),
]

app = typer.Typer(help=HELP, rich_markup_mode=None)
add(app, "pairs", pairs.HELP, pairs.pairs)


@app.callback(invoke_without_command=True)
def data(context: typer.Context, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print the list, unless there is a command to run."""
    if context.invoked_subcommand is not None:
        return
    from biprompt.data.catalogue import CATALOGUE

    cards = list(CATALOGUE.values())
    print(json.dumps({"datasets": [asdict(card) for card in cards]}) if as_json else _list(cards))


@app.command("where", help=WHERE)
def where(name: Name, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print one card."""
    from biprompt.data.catalogue import find_card

    card = find_card(name)
    print(json.dumps(asdict(card)) if as_json else _text(card))


def _list(cards: list[DatasetCard]) -> str:
    rows = [(card.name, card.kind, " ".join(card.splits), card.title) for card in cards]
    return f"{table([HEADER, *rows])}\n\n`biprompt data where NAME` says how to get one."


def _text(card: DatasetCard) -> str:
    """Lay a card out: facts in two columns, then what to do and what lies where afterwards."""
    facts = [
        ("name", card.name),
        ("title", card.title),
        ("samples", card.kind),
        ("splits", ", ".join(card.splits)),
        ("stated size", card.size),
        ("stated terms", card.terms),
    ]
    steps = [f"  {number}. {step}" for number, step in enumerate(card.steps, 1)]
    parts = (
        ["", "pages", *(f"  {page}" for page in card.pages)],
        ["", "what to do, in the folder that is to hold the data", *steps],
        ["", "what it then holds", *(f"  {path}" for path in card.layout)],
    )
    return "\n".join([table(facts), *(line for part in parts for line in part)])
