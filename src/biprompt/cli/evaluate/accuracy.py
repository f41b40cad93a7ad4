"""`biprompt evaluate accuracy`: the accuracy table of the model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import Force, Limit, Out, Reporter, command_line, names
from biprompt.cli.progress import Progress

HELP = """Write the accuracy table: accuracy.md and accuracy.json.

Clicks on GrabCut and Berkeley, click and name on coco-mval-test, presence of names on photographs
kept out of training, beside two baselines that look at nothing. Stopped, the same command goes on
where it was.

\b
  biprompt evaluate accuracy --data data --out docs/results
"""

Data = Annotated[
    Path, typer.Option(metavar="DIR", help="Holds the folders of the sets.", show_default=False)
]
Sets = Annotated[
    list[str],
    typer.Option(
        "--sets",
        metavar="A,B,...",
        help="Which sets: grabcut, berkeley, mval, absence. All when left out.",
        show_default=False,
        default_factory=list,
    ),
]


def accuracy(
    data: Data,
    sets: Sets,
    out: Out = Path("docs/results"),
    model: o.Model = "compact",
    limit: Limit = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Measure, write both reports, and say where they are."""
    from biprompt.evaluation.accuracy import SETS
    from biprompt.evaluation.accuracy import accuracy as measure
    from biprompt.evaluation.model import load_contender

    with Progress() as progress:
        progress.step("loading the model")
        measure(
            data,
            load_contender(model),
            out,
            sets=names("--sets", sets) or SETS,
            limit=limit,
            command=command_line(),
            force=force,
            progress=Reporter(progress),
        )
    print(f"{out / 'accuracy.md'}\n{out / 'accuracy.json'}")
