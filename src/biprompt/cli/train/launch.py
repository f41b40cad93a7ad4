"""`biprompt train launch`: where accelerate's settings for several devices are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from biprompt.cli import options as o

HELP = """Print the path of accelerate's settings for training EVF-SAM on one or more GPUs.

\b
  accelerate launch --config_file "$(biprompt train launch ddp)" -m biprompt train evf-sam ...
  accelerate launch --config_file "$(biprompt train launch zero2)" --num_processes 8 -m ...
"""

Kind = Annotated[
    Literal["one-gpu", "ddp", "fsdp", "zero2"],
    typer.Argument(
        metavar="KIND", help="one-gpu, ddp, fsdp (FSDP 2) or zero2 (DeepSpeed ZeRO-2).",
        show_default=False,
    ),
]  # fmt: skip


def launch(kind: Kind, debug: o.Debug = False) -> None:
    """Print one path."""
    from importlib.resources import files

    folder = Path(str(files("biprompt.training.evf") / "launch"))
    print(folder / f"{kind}.yaml")
