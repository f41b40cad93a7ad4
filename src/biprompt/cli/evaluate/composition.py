"""`biprompt evaluate composition`: are several prompts at least as good as the best of them?"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import (
    Force,
    Limit,
    Out,
    Processes,
    Reporter,
    command_line,
    names,
)
from biprompt.cli.progress import Progress

HELP = """Measure how prompts compose: composition-SET.md and composition-SET.json.

Every set out of a click, a box, the name and a scribble is given on the same objects: how often
are several prompts at least as good as the best one of them, what is gained, and which pairs help
or hurt. Stopped, the same command goes on where it was.

\b
  biprompt evaluate composition --data data/coco-mval-test --out docs/results
  biprompt evaluate composition --data data/grabcut-test --prompts click,box,scribble
"""

Data = Annotated[
    Path,
    typer.Option(metavar="DIR", help="A labelled set in COCO layout.", show_default=False),
]
Prompts = Annotated[
    list[str],
    typer.Option(
        "--prompts",
        metavar="A,B,...",
        help="Which to combine: click, box, text, scribble. All when left out.",
        show_default=False,
        default_factory=list,
    ),
]


def composition(
    data: Data,
    prompts: Prompts,
    out: Out = Path("docs/results"),
    model: o.Model = "compact",
    limit: Limit = None,
    processes: Processes = 1,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Measure, write both reports, and say where they are."""
    from biprompt.evaluation.composition import KINDS, compose
    from biprompt.evaluation.model import load_contender

    with Progress() as progress:
        progress.step("loading the model")
        written = compose(
            data,
            partial(load_contender, model),
            out,
            kinds=names("--prompts", prompts) or KINDS,
            limit=limit,
            processes=processes,
            command=command_line(),
            force=force,
            progress=Reporter(progress),
        )
    print(*written, sep="\n")
