"""`biprompt train guided`: a small network whose clicks arrive as maps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Assign, Resume, Run, changes, extra, file, folder

HELP = """Train a network guided by click maps; Ctrl-C saves and stops, --resume goes on from there.

\b
  biprompt train guided --data data --backbone deeplab.safetensors -o runs/disk
  biprompt train guided --data data --backbone deeplab.safetensors -o runs/geodesic \\
    --set 'encoding="geodesic"' --set 'fusion="concatenation"' --steps 500
  biprompt segment photo.jpg --point 320,200 --model runs/disk

Encoding (how clicks become maps) and fusion (where the maps join the image) are fields of the
recipe: biprompt train recipe guided. Runs of one seed see the same samples, so that they can be
compared. docs/guidance.md says what came of it.
"""

Data = Annotated[Path, folder("--data", text="Holds the COCO-format folders.")]
Backbone = Annotated[
    Path | None, file("--backbone", "MobileNetV2 weights (.safetensors); without, random ones.")
]
Recipe = Annotated[Path | None, file("--recipe", "Recipe; see `biprompt train recipe guided`.")]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", help="How many steps.", show_default=False)
]


def guided(
    data: Data,
    out: Run,
    assign: Assign,
    backbone: Backbone = None,
    recipe: Recipe = None,
    steps: Steps = None,
    resume: Resume = False,
    debug: o.Debug = False,
) -> None:
    """Train, and write the network into the run's folder."""
    with extra("training"):
        from biprompt.training.guided.command import RunPlan, train_guided

    plan = RunPlan(data, out, backbone, resume)
    chosen = plan.recipe(recipe, changes(assign, {"steps": steps}))
    print(train_guided(chosen, plan, lambda line: print(line, flush=True)))
