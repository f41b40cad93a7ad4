"""`biprompt evaluate absence`: does the model say so when a thing is not there?"""

from __future__ import annotations

from typing import Annotated

import typer

from biprompt.cli.evaluate.common import Data, Dataset, Split, ValidationOnly
from biprompt.cli.evaluate.running import Running, with_running

HELP = """Measure what a model says of things that are not there: absence-SET.md, .json and .html.

Every photograph is asked for every name of the set (R-SIS), or with every sentence where some mean
nothing (gRefCOCO, R-RefCOCO): what is refused, what is lost by it, the whole operating curve, and
the threshold to set for the share of present things that one wants to keep. The set must be
labelled in full: what nobody labelled counts as absent. Stopped, the same command goes on where it
was.

\b
  biprompt evaluate absence --data data/coco-train --out docs/results
  biprompt evaluate absence --data data/grefcoco --dataset grefcoco --split testA
"""

Template = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEXT",
        help="How a name is asked, with {} for it; left out, the name itself, in semantic sets "
        "after [semantic] where the model knows that.",
        show_default=False,
    ),
]


@with_running
def absence(
    run: Running,
    data: Data,
    dataset: Dataset = "coco-folder",
    split: Split = None,
    validation_only: ValidationOnly = None,
    template: Template = None,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.evaluation.absence import Absence, checked_template, open_photographs

    asked = checked_template(template)

    def study() -> Absence:
        opened = open_photographs(
            data, dataset, split, validation_only=validation_only, limit=run.limit
        )
        return Absence(opened.data, opened.photographs, opened.kind, opened.validation_only, asked)

    run.carry_out(study)
