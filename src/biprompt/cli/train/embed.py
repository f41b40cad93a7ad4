"""`biprompt train embed`: what the frozen image encoder sees of every picture, once and for all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Assign, changes, checkpoint, extra, folder
from biprompt.cli.train.evf_sam import Data, Recipe, Sam, Start

HELP = """Look at every picture with the frozen image encoder, and keep what it sees for training.

\b
  biprompt train embed --data DIR --sam sam_vit_h_4b8939.pth --out embeddings
  biprompt train evf-sam --data DIR --sam sam_vit_h_4b8939.pth --embeddings embeddings ...

Stopped at any moment it goes on when it is called again. Give it the recipe of the training:
mirrored pictures (flip) are looked at too. A picture takes 2 MB with SAM (float16). Several GPUs:
accelerate launch -m biprompt train embed ... shares the pictures.
"""

Dtype = Annotated[
    Literal["float16", "float32"], typer.Option("--dtype", help="Type of the numbers kept.")
]
Workers = Annotated[
    int, typer.Option("--workers", metavar="N", help="Processes that read pictures.")
]


def embed(
    data: Data,
    out: Annotated[Path, folder("-o", "--out", text="Of the embeddings; it is made.")],
    assign: Assign,
    sam: Sam = None,
    start: Start = None,
    recipe: Recipe = None,
    dtype: Dtype = "float16",
    workers: Workers = 0,
    debug: o.Debug = False,
) -> None:
    """Fill the store."""
    from biprompt.cli.progress import Progress
    from biprompt.errors import WeightsError

    with extra("training"):
        from biprompt.training.evf.material import data_specs
        from biprompt.training.evf.recipe import load_recipe
        from biprompt.training.evf.seen import EmbedPlan
        from biprompt.training.evf.seen import embed as fill

    weights = checkpoint(sam or start)
    if weights is None:
        raise WeightsError("weights", expected="--sam or --start", actual="none")
    chosen = load_recipe(recipe, changes(assign, {}))
    plan = EmbedPlan(data_specs(data, chosen.ratios), weights, out, dtype, workers)
    with Progress() as progress:
        done, store = fill(
            plan, chosen, lambda now: progress.step(f"{now.seen} of {now.total} pictures")
        )
    print(
        f"{out}: {len(store)} embeddings, {store.nbytes / 1e6:.1f} MB, {done.computed} of them new"
    )
