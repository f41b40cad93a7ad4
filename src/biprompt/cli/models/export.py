"""`biprompt models export`: a checkpoint as ONNX graphs, checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.models.common import NameOrPath
from biprompt.cli.progress import Progress
from biprompt.cli.table import size

HELP = """Write a checkpoint as ONNX graphs, each compared with the network.

\b
  biprompt models export mobile-sam -o mobile-sam-onnx

One graph looks at the image, one answers each kind of prompt (points, a box, both, points and a
mask to refine, text), and of EVF-SAM one reads phrases. graphs.json says what goes in and out and
by how much each graph differs on inputs that were not traced. docs/export.md shows how to run them.
"""

Out = Annotated[
    Path, typer.Option("-o", "--out", metavar="DIR", help="For the graphs; it is made.")
]


def export(
    name: NameOrPath,
    out: Out,
    force: o.Force = False,
    as_json: o.Json = False,
    debug: o.Debug = False,
) -> None:
    """Export, and print where and how exactly."""
    from biprompt.errors import MissingExtraError
    from biprompt.zoo.folders import find_checkpoint

    located = find_checkpoint(name)
    try:
        from biprompt.zoo.export.writing import export as write
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"writing ONNX ({error.name} is missing)") from error
    with Progress() as progress:
        progress.step(f"reading {located.path}")
        done = write(
            located.path, out, force=force, told=lambda graph: progress.step(f"graph {graph}")
        )
    facts = {"folder": str(done.folder), "bytes": done.nbytes, "differences": done.differences}
    if as_json:
        print(json.dumps(facts))
        return
    for graph, difference in done.differences.items():
        print(f"{graph}.onnx: differs from the network by at most {difference:.1e}")
    print(f"{done.folder}: {size(done.nbytes)}")
