"""`biprompt train`: train the embedded model or EVF-SAM, look at a run, export it."""

from __future__ import annotations

import typer

from biprompt.cli.commands import add
from biprompt.cli.train import (
    compact,
    embed,
    evf_sam,
    export,
    guided,
    launch,
    organ_seg,
    plot,
    recipe,
    words,
)

HELP = "Train a model from photographs with masks."

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
add(app, "compact", compact.HELP, compact.compact)
add(app, "evf-sam", evf_sam.HELP, evf_sam.evf_sam)
add(app, "organ-seg", organ_seg.HELP, organ_seg.organ_seg)
add(app, "guided", guided.HELP, guided.guided)
add(app, "embed", embed.HELP, embed.embed)
add(app, "launch", launch.HELP, launch.launch)
add(app, "export", export.HELP, export.export)
add(app, "recipe", recipe.HELP, recipe.recipe)
add(app, "plot", plot.HELP, plot.plot)
add(app, "words", words.HELP, words.words)


@app.callback()
def train() -> None:
    """Train a model from photographs with masks."""
