"""What the evaluation commands share: options, and how far a run is."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli.progress import Progress
from biprompt.cli.values import single

LOG_SECONDS = 30.0

Data = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", help="Folder of the data set.", show_default=False),
]
Dataset = Annotated[
    str,
    typer.Option(
        "--dataset",
        metavar="NAME",
        help="Its layout, a name of `biprompt data`; left out, any folder in COCO layout.",
        show_default=False,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split", metavar="NAME", help="Which part; its first when left out.", show_default=False
    ),
]
ValidationOnly = Annotated[
    bool | None,
    typer.Option(
        "--validation-only/--all",
        help="Only the photographs that are kept out of training, or all; left out, the former "
        "for a folder whose name ends with -train.",
        show_default=False,
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Fixes whatever is drawn.")]
Out = Annotated[
    Path, typer.Option("-o", "--out", metavar="DIR", help="Folder of the reports; it is made.")
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
Processes = Annotated[
    int,
    typer.Option(
        min=1,
        metavar="N",
        help="Share the photographs among N processes; the numbers stay the same.",
    ),
]


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


def names(option: str, given: list[str]) -> tuple[str, ...]:
    """Return the names of `A,B,...`, none where the option was left out.

    Raises:
        PromptError: the option was given more than once.
    """
    text = single(option, given)
    return () if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
