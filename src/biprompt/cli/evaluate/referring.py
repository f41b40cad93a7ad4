"""`biprompt evaluate referring`: how well is a thing outlined that is only named?"""

from __future__ import annotations

from typing import Annotated

import typer

from biprompt.cli.evaluate.common import Data, Dataset
from biprompt.cli.evaluate.running import Running, with_running

HELP = """Measure segmentation by words: referring-SET.md, .json and .html.

Every sentence of RefCOCO and its kin, every class in the images of ADE20K, Pascal VOC and the
like, every label of a folder in COCO layout: cIoU (oIoU), gIoU, P@X and PointM, and N-acc and T-acc
where some of what is asked is not there. The published rows stand beside. Stopped, the same command
goes on where it was.

\b
  biprompt evaluate referring --data data/coco-mval-test
  biprompt evaluate referring --data data/coco-mval-test --instances
  biprompt evaluate referring --data refer --dataset refcoco --split val,testA,testB --model evf-sam
  biprompt evaluate referring --data ade --dataset ade20k --model evf-sam-multitask
  biprompt evaluate referring --data ade --dataset ade20k --every-class
"""

Splits = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="A,B,...",
        help="Which parts, in one report; the first of the data set when left out.",
        show_default=False,
    ),
]
Instances = Annotated[
    bool,
    typer.Option("--instances", help="Of labelled things, ask for each, not for all of a label."),
]
EveryClass = Annotated[
    bool,
    typer.Option("--every-class", help="Ask for classes that the image does not show as well."),
]


@with_running
def referring(
    run: Running,
    data: Data,
    dataset: Dataset = "coco-folder",
    split: Splits = None,
    instances: Instances = False,
    every_class: EveryClass = False,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.evaluation.referring import Referring, open_study

    splits = [] if split is None else [name.strip() for name in split.split(",")]

    def study() -> Referring:
        return open_study(
            data, dataset, splits, instances=instances, every_class=every_class, limit=run.limit
        )

    run.carry_out(study)
