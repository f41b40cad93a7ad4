"""`biprompt train compact`: the embedded model, from COCO-format folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Assign, Force, Resume, Run, changes, extra, file, folder

HELP = """Train the embedded model; Ctrl-C saves and stops, --resume goes on from there.

\b
  biprompt train compact --data data --out runs/one --backbone deeplab.safetensors \\
    --classifier mobilenet_v2.safetensors --class-names imagenet_labels.txt
  biprompt train compact --data data --out runs/one --resume --steps 40000

The shipped model was trained with --classifier and --class-names, which belong together: what
links places of a photograph to words. docs/training.md says where the files come from. The run
ends after --steps or --minutes, whichever is first.
"""


Data = Annotated[Path, folder("--data", text="Holds the COCO-format folders.")]
Backbone = Annotated[
    Path | None, file("--backbone", "MobileNetV2 weights (.safetensors) for what learns.")
]
Classifier = Annotated[
    Path | None,
    file("--classifier", "MobileNetV2 ImageNet classifier (.safetensors) for what stays as it is."),
]
ClassNames = Annotated[Path | None, file("--class-names", "Its 1,000 names, one a line.")]
Start = Annotated[
    Path | None, file("--start", "Checkpoint whose averaged weights a new run starts from.")
]
Recipe = Annotated[
    Path | None, file("--recipe", "Recipe; see `biprompt train recipe`.", "--config")
]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", metavar="N", help="Time budget in minutes.", show_default=False),
]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", help="Step budget.", show_default=False)
]
Export = Annotated[
    Path | None, folder("--export", text="For the ONNX model, written when the run ends.")
]


def compact(
    data: Data,
    out: Run,
    assign: Assign,
    backbone: Backbone = None,
    classifier: Classifier = None,
    class_names: ClassNames = None,
    start: Start = None,
    recipe: Recipe = None,
    minutes: Minutes = None,
    steps: Steps = None,
    resume: Resume = False,
    export: Export = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Train, and export the best weights where that is asked for."""
    with extra("training"):
        from biprompt.training.compact.command import (
            RunPlan,
            check_no_model,
            export_checkpoint,
            train_compact,
        )
        from biprompt.training.compact.weights import FirstWeights

    plan = RunPlan(data, out, FirstWeights(backbone, classifier, class_names, start), resume)
    chosen = plan.recipe(recipe, changes(assign, {"minutes": minutes, "steps": steps}))
    if export is not None:
        check_no_model(export, force=force)
    best = train_compact(chosen, plan, lambda line: print(line, flush=True))
    if best is None:  # another process of the run has the last word
        return
    print(best)
    if export is not None:
        export_checkpoint(best, export, data=data, force=force)
        print(export)
