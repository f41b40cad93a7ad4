"""`biprompt evaluate accuracy`: the accuracy table of the model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import (
    Chosen,
    Force,
    Limit,
    Out,
    Processes,
    Reporter,
    command_line,
    names,
)
from biprompt.cli.progress import Progress

HELP = """Write the accuracy table, accuracy.md, and beside it the reports of its protocols.

Clicks on GrabCut and Berkeley, click and name on coco-mval-test, presence of names on photographs
kept out of training, beside baselines that need no model. Stopped, the same command goes on
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
    processes: Processes = 1,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Measure, write all reports, and say where the table is."""
    from biprompt.evaluation.accuracy import SETS
    from biprompt.evaluation.accuracy import accuracy as measure
    from biprompt.evaluation.run import How

    with Progress() as progress:
        progress.step("reading the data")
        how = How(processes, limit, command_line(), force, Reporter(progress))
        wanted = names("--sets", sets) or SETS
        written = measure(data, Chosen(model).load, out, sets=wanted, how=how)
    print(*written, sep="\n")
