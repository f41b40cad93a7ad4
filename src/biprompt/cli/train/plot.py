"""`biprompt train plot`: the log of a run as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Force, extra, file

HELP = "Draw the log of a run: loss, IoU, and the photographs kept aside."


def plot(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="The run, --out of its training.")],
    out: Annotated[
        Path | None, file("--out", "The picture; log.png in the run when left out.")
    ] = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Write one PNG."""
    with extra("drawing a log"):
        from biprompt.training.plot import plot_run

    print(plot_run(run, run / "log.png" if out is None else out, force=force))
