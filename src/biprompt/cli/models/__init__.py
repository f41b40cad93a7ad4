"""`biprompt models`: list the models; get, verify, look at and convert published checkpoints."""

from __future__ import annotations

import json

import typer

from biprompt.cli import options as o
from biprompt.cli.commands import add
from biprompt.cli.models import attention, convert, export, get, listing, show, verify
from biprompt.cli.models.listing import facts, known_names, text

__all__ = ["app", "facts", "known_names", "text"]

HELP = """List the models and what each needs; get, verify, show and convert checkpoints.

\b
  biprompt models get sam-vit-h
  biprompt models show sam_vit_h_4b8939.pth
  biprompt models convert sam_vit_h_4b8939.pth sam-vit-h.safetensors --dtype float16
"""

app = typer.Typer(help=HELP, rich_markup_mode=None)
add(app, "get", get.HELP, get.get)
add(app, "verify", verify.HELP, verify.verify)
add(app, "show", show.HELP, show.show)
add(app, "convert", convert.HELP, convert.convert)
add(app, "export", export.HELP, export.export)
add(app, "attention", attention.HELP, attention.attention)


@app.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print the tables, unless there is a command to run."""
    if context.invoked_subcommand is not None:
        return
    print(json.dumps(_facts()) if as_json else _text())


def _facts() -> dict[str, object]:
    from biprompt.zoo.folders import models_folder

    return {
        "models": listing.facts(),
        "checkpoints": listing.checkpoint_facts(),
        "hub": listing.hub_facts(),
        "pairs": listing.pair_facts(),
        "folder": str(models_folder()),
    }


def _text() -> str:
    from biprompt.zoo.folders import models_folder

    where = f"Checkpoints lie in {models_folder()}; `biprompt models get NAME` puts them there."
    tables = (listing.text(), listing.checkpoint_text(), listing.hub_text(), listing.pair_text())
    return "\n\n".join([*tables, where])
