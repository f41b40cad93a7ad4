"""`biprompt train evf-sam`: EVF-SAM as its papers say, on one device or many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import (
    Assign,
    Resume,
    Run,
    changes,
    checkpoint,
    extra,
    file,
    folder,
    named,
)

HELP = """Train EVF-SAM; Ctrl-C saves and stops, --resume goes on from there.

\b
  biprompt train evf-sam --data DIR --out runs/x --sam sam_vit_h_4b8939.pth \\
    --beit3 beit3_large_patch16_224.pth --tokenizer beit3.spm
  biprompt train evf-sam --data my-photos --out runs/mine --start evf-sam-multitask --lora
  biprompt train evf-sam --data my-photos --out runs/trial --tiny --set steps=300
  biprompt segment photo.jpg --text "the red cup" --model runs/x/best

The best weights by the held-out pictures are in OUT/best, ready for use. Several GPUs:
docs/train-evf-sam.md. The recipe with every field explained: biprompt train recipe evf-sam.
"""

Data = Annotated[
    list[str],
    typer.Option(
        "--data",
        metavar="[DATASET=]DIR",
        help="A folder in COCO layout, or a data set of `biprompt data`. May be repeated.",
        show_default=False,
    ),
]
Sam = Annotated[
    str | None, named("--sam", "SAM, EfficientSAM or SAM 2: a published name, a file or a folder.")
]
Beit3 = Annotated[Path | None, file("--beit3", "Checkpoint of BEiT-3.")]
Start = Annotated[
    str | None, named("--start", "EVF-SAM to fine-tune, instead of --sam and --beit3; likewise.")
]
Tokens = Annotated[
    Path | None, file("--tokenizer", "beit3.spm; left out, the one beside the weights.")
]
Clip = Annotated[
    Path | None,
    folder("--clip", text='CLIP of transformers, for encoder = "clip" in the recipe.'),
]
Recipe = Annotated[Path | None, file("--recipe", "Recipe; see `biprompt train recipe evf-sam`.")]
Embeddings = Annotated[
    Path | None,
    folder("--embeddings", text="What `biprompt train embed` wrote: no image is looked at again."),
]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", help="How many steps.", show_default=False)
]
Lora = Annotated[
    bool, typer.Option("--lora", help="BEiT-3 learns by LoRA: fits a small card (needs peft).")
]
Tiny = Annotated[
    bool, typer.Option("--tiny", help="A small network with a random start, for trials.")
]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what the run would take, and write nothing.")
]
Timed = Annotated[
    bool, typer.Option("--timed", help="With --dry-run: make three steps, and say how long.")
]


def evf_sam(
    data: Data,
    out: Run,
    assign: Assign,
    sam: Sam = None,
    beit3: Beit3 = None,
    start: Start = None,
    tokenizer: Tokens = None,
    clip: Clip = None,
    embeddings: Embeddings = None,
    recipe: Recipe = None,
    steps: Steps = None,
    lora: Lora = False,
    tiny: Tiny = False,
    resume: Resume = False,
    dry_run: DryRun = False,
    timed: Timed = False,
    debug: o.Debug = False,
) -> None:
    """Train, and keep the best weights."""
    with extra("training"):
        from biprompt.training.evf.command import train_evf
        from biprompt.training.evf.plan import RunPlan
        from biprompt.training.evf.sizes import FirstFiles
        from biprompt.training.evf.trial import dry_run as tried

    files = FirstFiles(checkpoint(sam), beit3, checkpoint(start), tokenizer, clip)
    plan = RunPlan(data, out, files, embeddings, resume)
    given = changes(assign, {"steps": steps, "lora": True if lora else None})
    chosen = plan.recipe(recipe, given, tiny=tiny)
    if dry_run:
        print("\n".join(tried(chosen, plan, timed=timed)))
        return
    best = train_evf(chosen, plan, lambda line: print(line, flush=True))
    if best is not None:
        print(best)
