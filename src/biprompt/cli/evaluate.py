"""`biprompt evaluate`: measure a model on data sets and write the tables."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.progress import Progress
from biprompt.cli.values import single

LOG_SECONDS = 30.0

app = typer.Typer(
    help="Measure a model on data sets and write the tables.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

ACCURACY_HELP = """Write the accuracy table: accuracy.md and accuracy.json.

Clicks on GrabCut and Berkeley, click and name on coco-mval-test, presence of names on photographs
kept out of training, beside two baselines that look at nothing. Stopped, the same command goes on
where it was.

\b
  biprompt evaluate accuracy --data data --out docs/results
"""

Data = Annotated[
    Path, typer.Option(metavar="DIR", help="Holds the folders of the sets.", show_default=False)
]
Out = Annotated[
    Path, typer.Option("-o", "--out", metavar="DIR", help="Folder of the reports; it is made.")
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
Limit = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Only the first N objects of each set: a trial.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace reports that exist.")]


@app.callback()
def evaluate() -> None:
    """Measure a model on data sets and write the tables."""


@app.command("accuracy", help=ACCURACY_HELP)
def accuracy(
    data: Data,
    sets: Sets,
    out: Out = Path("docs/results"),
    model: o.Model = "compact",
    limit: Limit = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Measure, write both reports, and say where they are."""
    from biprompt.evaluation.accuracy import SETS
    from biprompt.evaluation.accuracy import accuracy as measure
    from biprompt.evaluation.model import load_contender

    with Progress() as progress:
        progress.step("loading the model")
        measure(
            data,
            load_contender(model),
            out,
            sets=_sets(sets) or SETS,
            limit=limit,
            command=command_line(),
            force=force,
            progress=Reporter(progress),
        )
    print(f"{out / 'accuracy.md'}\n{out / 'accuracy.json'}")


class Reporter:
    """Says how far a run is: on the terminal's status line, else a line on stderr now and then.

    Args:
        progress: the status line.
    """

    def __init__(self, progress: Progress) -> None:
        """Start to count the seconds."""
        self._progress = progress
        self._logged = time.monotonic()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Report that `done` of `total` are finished."""
        text = f"{what}: {done} of {total}"
        self._progress.step(text)
        now = time.monotonic()
        if not sys.stderr.isatty() and now - self._logged >= LOG_SECONDS:
            print(text, file=sys.stderr, flush=True)
            self._logged = now


def command_line() -> str:
    """Return how this process was started, as one would type it."""
    return shlex.join(["biprompt", *sys.argv[1:]])


def _sets(given: list[str]) -> tuple[str, ...]:
    text = single("--sets", given)
    return () if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
