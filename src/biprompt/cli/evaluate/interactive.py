"""`biprompt evaluate interactive`: how many clicks does a thing take?"""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from biprompt.cli.evaluate.common import Data, Dataset, Seed, Split
from biprompt.cli.evaluate.running import Running, with_running

HELP = """Measure simulated clicks: interactive-SET.md, .json and .html.

Every object is clicked in the middle of the largest error, again and again: how many clicks reach
an IoU of 80, 85, 90 and 95 % (NoC), how many objects never get there (NoF), the mean IoU after
each click, and the seconds of one. Beside the model stand a disk round the clicks, the whole image,
and OpenCV's GrabCut where it is installed. Stopped, the same command goes on where it was.

\b
  biprompt evaluate interactive --data data/grabcut-test --out docs/results
  biprompt evaluate interactive --data SBD --dataset sbd --processes 4
  biprompt evaluate interactive --data data/grabcut-test --clicks jittered --seed 1 --out people
"""

Clicks = Annotated[
    Literal["centre", "jittered"],
    typer.Option(
        "--clicks",
        help="Where clicks lie: in the middle of the largest error, or as imprecise as people's.",
    ),
]
MaxClicks = Annotated[
    int, typer.Option("--max-clicks", min=1, metavar="N", help="Clicks on an object at most.")
]


@with_running
def interactive(
    run: Running,
    data: Data,
    dataset: Dataset = "coco-folder",
    split: Split = None,
    clicks: Clicks = "centre",
    max_clicks: MaxClicks = 20,
    seed: Seed = 0,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.data.readers.registry import Kind
    from biprompt.evaluation.interactive import Clicking, Interactive
    from biprompt.evaluation.samples import open_samples

    clicking = Clicking(clicks, max_clicks, seed)

    def study() -> Interactive:
        opened = open_samples(data, dataset, split, kinds=(Kind.INTERACTIVE,), limit=run.limit)
        return Interactive(opened.data, opened.samples, clicking)

    run.carry_out(study)
