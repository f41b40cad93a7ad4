"""`biprompt train recipe`: the recipes, to copy and change."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import extra

HELP = "Print a recipe with all its fields explained, to copy and change."

Model = Annotated[
    Literal["compact", "evf-sam", "organ-seg", "guided", "tiny"],
    typer.Argument(
        metavar="MODEL",
        help="compact, evf-sam, organ-seg, guided, or tiny: what --tiny changes of evf-sam's.",
    ),
]


def recipe(model: Model = "compact", debug: o.Debug = False) -> None:
    """Print the defaults as TOML."""
    with extra("training"):
        from biprompt.training.compact.recipe import RECIPE_FILE as COMPACT_FILE
        from biprompt.training.evf.recipe import RECIPE_FILE as EVF_FILE
        from biprompt.training.evf.recipe import TINY_FILE
        from biprompt.training.guided.recipe import RECIPE_FILE as GUIDED_FILE
        from biprompt.training.organ_seg.recipe import RECIPE_FILE as ORGAN_FILE

    files = {
        "compact": COMPACT_FILE, "evf-sam": EVF_FILE, "organ-seg": ORGAN_FILE,
        "guided": GUIDED_FILE, "tiny": TINY_FILE,
    }  # fmt: skip
    print(files[model].read_text("utf-8"), end="")
