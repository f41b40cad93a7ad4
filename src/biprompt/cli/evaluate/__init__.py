"""`biprompt evaluate`: measure a model on data sets and write the tables."""

from __future__ import annotations

import typer

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
app.command("absence", help=absence.HELP)(absence.absence)
app.command("accuracy", help=accuracy.HELP)(accuracy.accuracy)
app.command("biprompt", help=biprompt.HELP)(biprompt.biprompt)
app.command("composition", help=composition.HELP)(composition.composition)
app.command("few-shot", help=few_shot.HELP)(few_shot.few_shot)
app.command("interactive", help=interactive.HELP)(interactive.interactive)
app.command("open-vocabulary", help=open_vocabulary.HELP)(open_vocabulary.open_vocabulary)
app.command("organs", help=organs.HELP)(organs.organs)
app.command("published", help=published.HELP)(published.published)
app.command("referring", help=referring.HELP)(referring.referring)


@app.callback()
def evaluate() -> None:
    """Measure a model on data sets and write the tables."""
