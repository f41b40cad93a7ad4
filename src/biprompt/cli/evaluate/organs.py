"""`biprompt evaluate organs`: organs in CT slices by question, absent ones too."""

from __future__ import annotations

from typing import Annotated

import typer

from biprompt.cli.evaluate.common import Data, Split
from biprompt.cli.evaluate.running import Running, with_running

HELP = """Measure organs in CT by question: organs-SET.md, .json and .html.

Slices of FLARE22 volumes are asked for each of 13 organs, those that are not there as well: Dice by
organ, what was answered instead (a confusion matrix with "none"), N-acc, T-acc and how often the
model refuses, beside the tables of Organ-Seg. With a click or a box from the truth, organs that are
there. Needs the `medical` extra. Stopped, the same command goes on where it was.

\b
  biprompt evaluate organs --data FLARE22Train
  biprompt evaluate organs --data FLARE22Train --every 5 --question "Where is the {organ}?"
  biprompt evaluate organs --data FLARE22Train --question function
  biprompt evaluate organs --data FLARE22Train --told box --pixels 100
"""

Volumes = Annotated[
    str,
    typer.Option("--dataset", metavar="NAME", help="Its layout, volumes of `biprompt data`."),
]
ToldOption = Annotated[
    str,
    typer.Option("--told", metavar="WHAT", help="question; or click or box, from the truth."),
]
QuestionOption = Annotated[
    str | None,
    typer.Option(
        "--question",
        metavar="TEXT",
        help="How an organ is asked for: name (when left out), segment, where, function (the "
        "questions of Organ-Seg), or text with {organ}.",
        show_default=False,
    ),
]
Every = Annotated[
    int, typer.Option("--every", min=1, metavar="N", help="Every N-th slice of a volume.")
]
Pixels = Annotated[
    int,
    typer.Option(
        "--pixels", min=0, metavar="N", help="Only slices with N pixels or more of some organ."
    ),
]


@with_running
def organs(
    run: Running,
    data: Data,
    dataset: Volumes = "flare22",
    split: Split = None,
    told: ToldOption = "question",
    question: QuestionOption = None,
    every: Every = 1,
    pixels: Pixels = 0,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.evaluation.organs import Organs, open_study

    def study() -> Organs:
        return open_study(
            data, dataset, split,
            told=told, question=question, every=every, pixels=pixels, limit=run.limit,
        )  # fmt: skip

    run.carry_out(study)
