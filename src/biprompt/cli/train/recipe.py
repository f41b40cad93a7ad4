"""`biprompt train recipe`: the recipes, to copy and change."""

from __future__ import annotations

from biprompt.cli import options as o

HELP = "Print the recipe with all its fields explained, to copy and change."


def recipe(debug: o.Debug = False) -> None:
    """Print the defaults as TOML."""
    from biprompt.training.compact.recipe import RECIPE_FILE

    print(RECIPE_FILE.read_text("utf-8"), end="")
