"""`biprompt evaluate few-shot`: here is the class in other images, where is it in this one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.evaluate.common import (
    Chosen,
    Data,
    Force,
    Limit,
    Out,
    Processes,
    Seed,
    carry_out,
    names,
)
from biprompt.errors import InputError

HELP = """Measure few-shot segmentation: few-shot-SET.md, .json and .html.

Episodes of PASCAL-5i, COCO-20i and FSS-1000: mIoU and FB-IoU by fold, with 1 and 5 examples,
beside the published rows. A model that takes no examples can be asked by the class's name instead,
which is another task, and the report says so. Stopped, the same command goes on where it was.

\b
  biprompt evaluate few-shot --data PASCAL --told name
  biprompt evaluate few-shot --data COCO --dataset coco-20i --split fold0 --shots 1
  biprompt evaluate few-shot --data FSS --dataset fss-1000 --told name
"""

Episodes = Annotated[
    str,
    typer.Option("--dataset", metavar="NAME", help="pascal-5i, coco-20i or fss-1000."),
]
Folds = Annotated[
    list[str],
    typer.Option(
        "--split",
        metavar="A,B,...",
        help="Which folds, in one report; all four when left out, of fss-1000 test.",
        show_default=False,
        default_factory=list,
    ),
]
Shots = Annotated[
    list[str],
    typer.Option(
        "--shots",
        metavar="N,M,...",
        help="How many examples; 1 and 5 when left out.",
        show_default=False,
        default_factory=list,
    ),
]
ToldOption = Annotated[
    str, typer.Option("--told", metavar="WHAT", help="examples, or name: the class's name alone.")
]


def few_shot(
    data: Data,
    split: Folds,
    shots: Shots,
    dataset: Episodes = "pascal-5i",
    told: ToldOption = "examples",
    seed: Seed = 0,
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
    from biprompt.evaluation.few_shot import FewShot, open_study

    folds, counts = names("--split", split), _counts(names("--shots", shots))

    def study() -> FewShot:
        return open_study(data, dataset, folds, shots=counts, told=told, seed=seed, limit=limit)

    chosen = Chosen(model, text_model, device, dtype)
    carry_out(study, chosen, out, limit=limit, processes=processes, force=force)


def _counts(given: tuple[str, ...]) -> tuple[int, ...]:
    for text in given:
        if not text.isdecimal():
            raise InputError("--shots", expected="whole numbers", actual=text)
    return tuple(map(int, given))
