"""`biprompt evaluate`: measure a model on data sets and write the tables."""

from __future__ import annotations

import typer

from biprompt.cli.commands import add
from biprompt.cli.evaluate import (
    absence,
    accuracy,
    biprompt,
    composition,
    few_shot,
    interactive,
    open_vocabulary,
    organs,
    published,
    referring,
)

__all__ = ["app"]

app = typer.Typer(
    help="Measure a model on data sets and write the tables.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
add(app, "absence", absence.HELP, absence.absence)
add(app, "accuracy", accuracy.HELP, accuracy.accuracy)
add(app, "biprompt", biprompt.HELP, biprompt.biprompt)
add(app, "composition", composition.HELP, composition.composition)
add(app, "few-shot", few_shot.HELP, few_shot.few_shot)
add(app, "interactive", interactive.HELP, interactive.interactive)
add(app, "open-vocabulary", open_vocabulary.HELP, open_vocabulary.open_vocabulary)
add(app, "organs", organs.HELP, organs.organs)
add(app, "published", published.HELP, published.published)
add(app, "referring", referring.HELP, referring.referring)


@app.callback()
def evaluate() -> None:
    """Measure a model on data sets and write the tables."""
