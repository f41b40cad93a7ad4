"""`biprompt train export`: a checkpoint as a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.train.common import Force, extra, folder

HELP = "Write a checkpoint as a model for `biprompt segment --model DIR`."


def export(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="best.pt or checkpoint.pt of a run.")
    ],
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the model; it is made.")],
    data: Annotated[
        Path | None, folder("--data", text="The data folders: calibrate on what was kept aside.")
    ] = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Write the ONNX graphs and say how far they are from PyTorch."""
    with extra("exporting a model"):
        from biprompt.training.compact.command import export_checkpoint

    for name, worst in export_checkpoint(checkpoint, out, data=data, force=force).items():
        print(f"{name}.onnx differs from PyTorch by at most {worst:.2g}")
