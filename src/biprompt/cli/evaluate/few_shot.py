"""`biprompt evaluate few-shot`: here is the class in other images, where is it in this one."""

from __future__ import annotations

from typing import Annotated

import typer

from biprompt.cli.evaluate.common import Data, Seed, names
from biprompt.cli.evaluate.running import Running, with_running
from biprompt.errors import InputError

HELP = """Measure few-shot segmentation: few-shot-SET.md, .json and .html.

Episodes of PASCAL-5i, COCO-20i and FSS-1000, or of any folder in COCO layout: mIoU and FB-IoU by
fold, with 1 and 5 examples, beside the published rows. A model that takes no examples can be asked
by the class's name instead, which is another task, and the report says so. Stopped, the same
command goes on where it was.

\b
  biprompt evaluate few-shot --data FOLDER --dataset coco-folder-episodes
  biprompt evaluate few-shot --data PASCAL --told name
  biprompt evaluate few-shot --data COCO --dataset coco-20i --split fold0 --shots 1
  biprompt evaluate few-shot --data FSS --dataset fss-1000 --told name
"""

Episodes = Annotated[
    str,
    typer.Option(
        "--dataset", metavar="NAME", help="pascal-5i, coco-20i, fss-1000 or coco-folder-episodes."
    ),
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


@with_running
def few_shot(
    run: Running,
    data: Data,
    split: Folds,
    shots: Shots,
    dataset: Episodes = "pascal-5i",
    told: ToldOption = "examples",
    seed: Seed = 0,
) -> None:
    """Measure, write the reports, and say where they are."""
    from biprompt.evaluation.few_shot import FewShot, open_study

    folds, counts = names("--split", split), _counts(names("--shots", shots))

    def study() -> FewShot:
        return open_study(data, dataset, folds, shots=counts, told=told, seed=seed, limit=run.limit)

    run.carry_out(study)


def _counts(given: tuple[str, ...]) -> tuple[int, ...]:
    for text in given:
        if not text.isdecimal():
            raise InputError("--shots", expected="whole numbers", actual=text)
    return tuple(map(int, given))
