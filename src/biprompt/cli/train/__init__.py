"""`biprompt train`: train the embedded model or EVF-SAM, look at a run, export it."""

from __future__ import annotations

import typer

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
app.command("compact", help=compact.HELP)(compact.compact)
app.command("evf-sam", help=evf_sam.HELP)(evf_sam.evf_sam)
app.command("organ-seg", help=organ_seg.HELP)(organ_seg.organ_seg)
app.command("guided", help=guided.HELP)(guided.guided)
app.command("embed", help=embed.HELP)(embed.embed)
app.command("launch", help=launch.HELP)(launch.launch)
app.command("export", help=export.HELP)(export.export)
app.command("recipe", help=recipe.HELP)(recipe.recipe)
app.command("plot", help=plot.HELP)(plot.plot)
app.command("words", help=words.HELP)(words.words)


@app.callback()
def train() -> None:
    """Train a model from photographs with masks."""
