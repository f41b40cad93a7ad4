"""`biprompt models convert`: any readable checkpoint as one safetensors file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from biprompt.cli import options as o
from biprompt.cli.models.common import NameOrPath, needs_torch, network_line
from biprompt.cli.progress import Progress
from biprompt.cli.table import size

HELP = """Write a checkpoint as one safetensors file that says what it is.

Reads .pth, .pt, .bin, sharded and nested checkpoints. A tokenizer that lies beside it is copied.
"""

Out = Annotated[
    Path, typer.Argument(metavar="OUT", help="The file, NAME.safetensors.", show_default=False)
]
Dtype = Annotated[
    Literal["float32", "float16", "bfloat16"] | None,
    typer.Option(help="Type of the numbers; that of the checkpoint when left out."),
]


def convert(
    name: NameOrPath,
    out: Out,
    dtype: Dtype = None,
    force: o.Force = False,
    as_json: o.Json = False,
    debug: o.Debug = False,
) -> None:
    """Convert, and print where it is."""
    from biprompt.zoo.folders import find_checkpoint

    located = find_checkpoint(name)
    with needs_torch("converting a checkpoint"):
        from biprompt.zoo.convert import convert as write
    with Progress() as progress:
        progress.step(f"converting {located.path}")
        done = write(located.path, out, dtype=dtype, force=force)
    if as_json:
        tokenizer = None if done.tokenizer is None else str(done.tokenizer)
        facts = {"path": str(done.path), "bytes": done.nbytes, "tokenizer": tokenizer}
        print(json.dumps(facts | {"family": done.recognised.family.value}))
    else:
        print(f"{done.path}: {size(done.nbytes)}, {network_line(done.recognised)}")
