"""`biprompt evaluate biprompt`: does a name help a click? The tables of BiPrompt-SAM."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli.evaluate.common import Data, Dataset, Seed, Split, ValidationOnly, names
from biprompt.cli.evaluate.running import Running, with_running

HELP = """Measure click, words, and both through the gate: biprompt-SET.md, .json and .html.

Tables 1 to 4 of BiPrompt-SAM, ours beside the paper's: one click alone, words alone, dual
selection with pool=paper and pool=wide, the joint score over a grid of weights, and the best that
any gate could pick; by where the point comes from, and by the words. Data are named objects, asked
by name (any labelled folder, EndoVis17), or references, asked by sentence (RefCOCO and its kin).
Stopped, the same command goes on where it was.

\b
  biprompt evaluate biprompt --data data/coco-mval-test --out docs/results
  biprompt evaluate biprompt --data EndoVis17 --dataset endovis17-objects --split test --processes 4
  biprompt evaluate biprompt --data RefCOCO --dataset refcoco --split testA --points centre
  biprompt evaluate biprompt --data data/surgery-test --by-class --templates "{},surgery tools"
"""

Points = Annotated[
    list[str],
    typer.Option(
        "--points",
        metavar="A,B,...",
        help="Where the single point comes from: centre, random, jittered, edge; the first is the "
        "main one. All when left out.",
        show_default=False,
        default_factory=list,
    ),
]
Templates = Annotated[
    list[str],
    typer.Option(
        "--templates",
        metavar="A,B,...|FILE",
        help="What is said, {} for the name, or a file with one a line; the first is the main one. "
        "The paper's and two more when left out.",
        show_default=False,
        default_factory=list,
    ),
]
Grid = Annotated[
    float,
    typer.Option("--weights-grid", metavar="STEP", help="Step of the weights of the joint score."),
]
ByClass = Annotated[
    bool | None,
    typer.Option(
        "--by-class/--no-by-class",
        help="Also join all objects of a name in each image, as EndoVis17 is scored; on for "
        "endovis17-objects.",
        show_default=False,
    ),
]


@with_running
def biprompt(
    run: Running,
    data: Data,
    points: Points,
    templates: Templates,
    dataset: Dataset = "coco-folder",
    split: Split = None,
    weights_grid: Grid = 0.25,
    by_class: ByClass = None,
    validation_only: ValidationOnly = None,
    seed: Seed = 0,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.evaluation.biprompt import POINTS, TEMPLATES, Asking, BiPrompt, open_study

    asking = Asking(
        names("--points", points) or tuple(POINTS),
        _templates(templates) or TEMPLATES,
        weights_grid,
        seed,
    )

    def study() -> BiPrompt:
        return open_study(
            data,
            dataset,
            split,
            asking,
            by_class=by_class,
            validation_only=validation_only,
            limit=run.limit,
        )

    run.carry_out(study)


def _templates(given: list[str]) -> tuple[str, ...]:
    from biprompt.evaluation.biprompt import read_templates

    path = Path(given[0]) if len(given) == 1 else None
    if path is not None and path.is_file():
        return read_templates(path)
    return names("--templates", given)
