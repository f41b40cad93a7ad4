"""`biprompt train organ-seg`: Organ-Seg from question-mask pairs, or without training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Assign, Force, Resume, Run, changes, extra, file, folder

HELP = """Train Organ-Seg; Ctrl-C saves and stops, --resume goes on from there.

\b
  biprompt data pairs flare22 DIR -o pairs
  biprompt train organ-seg --pairs pairs --vision-language llava-med --sam medsam -o runs/x
  biprompt segment slice.png --text "which organ stores bile" --model runs/x/best
  biprompt train organ-seg --zero-shot --vision-language llava-med --sam medsam -o choice

The folder in --vision-language is a LLaVA as transformers writes it; docs/organ-seg.md says how
LLaVA-Med becomes one. --zero-shot trains nothing: the model is asked by multiple choice, and MedSAM
outlines the box that it gives. The recipe with every field: biprompt train recipe organ-seg.
Research software, not a medical device.
"""

Pairs = Annotated[
    Path | None, folder("--pairs", text="Question-mask pairs, from `biprompt data pairs`.")
]
Language = Annotated[
    Path | None, folder("--vision-language", text="A LLaVA as transformers writes it.")
]
Sam = Annotated[
    str | None,
    typer.Option("--sam", metavar="NAME", help="A SAM by name or path, such as medsam."),
]
Recipe = Annotated[Path | None, file("--recipe", "Recipe; see `biprompt train recipe organ-seg`.")]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", help="How many steps.", show_default=False)
]
ZeroShot = Annotated[
    bool, typer.Option("--zero-shot", help="Write a model that answers by multiple choice.")
]
Domain = Annotated[
    str, typer.Option("--domain", metavar="NAME", help="With --zero-shot: the list of things.")
]


def organ_seg(
    out: Run,
    assign: Assign,
    pairs: Pairs = None,
    vision_language: Language = None,
    sam: Sam = None,
    recipe: Recipe = None,
    steps: Steps = None,
    resume: Resume = False,
    zero_shot: ZeroShot = False,
    domain: Domain = "organs",
    device: o.Device = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Train, and keep the best weights; or only write what multiple choice needs."""
    with extra("training"):
        from biprompt.training.organ_seg.command import RunPlan, train_organ_seg, write_zero_shot

    plan = RunPlan(pairs, out, vision_language, sam, resume, device)
    chosen = plan.recipe(recipe, changes(assign, {"steps": steps}))
    if zero_shot:
        language, weights = plan.sources()
        print(write_zero_shot(language, str(weights), out, domain=domain, turns=chosen.turns,
                              force=force))  # fmt: skip
        return
    print(train_organ_seg(chosen, plan, lambda line: print(line, flush=True)))
