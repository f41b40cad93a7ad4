"""`biprompt evaluate composition`: are several prompts at least as good as the best of them?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import (
    Chosen,
    Data,
    Dataset,
    Force,
    Limit,
    Out,
    Processes,
    Split,
    carry_out,
    names,
)

HELP = """Measure how prompts compose: composition-SET.md, .json and .html.

Every set out of a click, a box, the name and a scribble is given on the same objects: how often
are several prompts at least as good as the best one of them, what is gained, and which pairs help
or hurt. Stopped, the same command goes on where it was.

\b
  biprompt evaluate composition --data data/coco-mval-test --out docs/results
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


def composition(
    data: Data,
    prompts: Prompts,
    dataset: Dataset = "coco-folder",
    split: Split = None,
    out: Out = Path("docs/results"),
    model: o.Model = "compact",
    text_model: o.TextModel = None,
    device: o.Device = None,
    dtype: o.Dtype = None,
    limit: Limit = None,
    processes: Processes = 1,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.data.readers.registry import Kind
    from biprompt.evaluation.composition import KINDS, Composition, checked_kinds
    from biprompt.evaluation.samples import open_samples

    kinds = checked_kinds(names("--prompts", prompts) or KINDS)

    def study() -> Composition:
        opened = open_samples(data, dataset, split, kinds=(Kind.INTERACTIVE,), limit=limit)
        return Composition(opened.data, opened.samples, kinds)

    chosen = Chosen(model, text_model, device, dtype)
    carry_out(study, chosen, out, limit=limit, processes=processes, force=force)
