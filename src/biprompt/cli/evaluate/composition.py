"""`biprompt evaluate composition`: are several prompts at least as good as the best of them?"""

from __future__ import annotations

from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import Data, Dataset, Split, names
from biprompt.cli.evaluate.running import Running, with_running

HELP = """Measure how prompts compose: composition-SET.md, .json and .html.

Every set out of a click, a box, the name and a scribble is given on the same objects: how often
are several prompts at least as good as the best one of them, what is gained, and which pairs help
or hurt. Stopped, the same command goes on where it was.

\b
  biprompt evaluate composition --data data/coco-mval-test --out docs/results
  biprompt evaluate composition --data data/coco-mval-test --pool parts
  biprompt evaluate composition --data data/grabcut-test --prompts click,box,scribble
"""

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


@with_running
def composition(
    run: Running,
    data: Data,
    prompts: Prompts,
    dataset: Dataset = "coco-folder",
    split: Split = None,
    pool: o.Pool = "paper",
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.data.readers.registry import Kind
    from biprompt.evaluation.composition import KINDS, Composition, checked_kinds
    from biprompt.evaluation.samples import open_samples

    kinds = checked_kinds(names("--prompts", prompts) or KINDS)

    def study() -> Composition:
        opened = open_samples(data, dataset, split, kinds=(Kind.INTERACTIVE,), limit=run.limit)
        return Composition(opened.data, opened.samples, kinds, pool)

    run.carry_out(study)
