"""`biprompt evaluate accuracy`: the accuracy table of the model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli.evaluate.common import names
from biprompt.cli.evaluate.running import Running, with_running

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


@with_running
def accuracy(run: Running, data: Data, sets: Sets) -> None:
    """Measure, write all reports, and say where the table is."""
    from biprompt.evaluation.accuracy import SETS
    from biprompt.evaluation.accuracy import accuracy as measure

    wanted = names("--sets", sets) or SETS
    run.report(lambda how: measure(data, run.load, run.out, sets=wanted, how=how))
