"""`biprompt automatic`: everything in a photograph as masks."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biprompt.cli import options as o
from biprompt.cli.outputs import Outputs
from biprompt.cli.progress import Progress
from biprompt.cli.status import Status
from biprompt.cli.values import single

if TYPE_CHECKING:
    from biprompt.results.objects import Objects

HELP = """Find everything in a photograph, without a prompt.

Clicks a grid of points, keeps the masks the model is sure of, and each thing once. With --classes
the things get names; what none of the classes covers stays without one.

\b
  biprompt automatic street.jpg -o objects.json --overlay objects.png
  biprompt automatic street.jpg -o objects.json --classes "sky; road; car"
  biprompt automatic street.jpg --grid 32 --layers 1 --smallest 100 -o objects.json

\b
Exit status:
  0  something was found
  3  no mask passed the filters; the files asked for are written, without a mask
  2  the input was wrong; nothing is written
  1  anything else
"""


def _number(name: str, metavar: str, text: str) -> object:
    return typer.Option(name, metavar=metavar, help=text, show_default=False)


Classes = Annotated[
    list[str],
    typer.Option(
        "--classes",
        metavar="'A;B;C'",
        help="Names to give, NAME or NAME = WORDS, WORDS each.",
        show_default=False,
        default_factory=list,
    ),
]
Grid = Annotated[
    int, typer.Option(metavar="N", help="Clicks along each side; N x N of them in all.")
]
Layers = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Look closer so often: layer i parts the photograph into 2^i x 2^i windows.",
    ),
]
LeastIou = Annotated[
    float | None,
    _number("--least-iou", "P", "Drop masks of a lower predicted IoU; what suits the model."),
]
Stability = Annotated[
    float | None,
    _number("--stability", "P", "Drop masks that change more with their threshold; likewise."),
]
Overlap = Annotated[
    float, typer.Option(metavar="P", help="IoU from which one of two masks is dropped.")
]
Smallest = Annotated[
    int, typer.Option(metavar="PIXELS", help="Remove smaller parts and fill smaller holes.")
]
Most = Annotated[int, typer.Option(metavar="N", help="Masks at most, the surest ones.")]


def automatic(
    image: o.Image,
    classes: Classes,
    grid: Grid = 16,
    layers: Layers = 0,
    least_iou: LeastIou = None,
    stability: Stability = None,
    overlap: Overlap = 0.7,
    smallest: Smallest = 0,
    granularity: o.Granularity = None,
    most: Most = 1000,
    model: o.Model = "compact",
    device: o.Device = None,
    dtype: o.Dtype = None,
    output: o.Output = None,
    format: o.Format = None,
    tolerance: o.Tolerance = 0.0,
    overlay: o.Overlay = None,
    as_json: o.Json = False,
    force: o.Force = False,
    no_cache: o.NoCache = False,
    debug: o.Debug = False,
) -> int:
    """Find everything in one photograph; return the exit status."""
    import biprompt
    from biprompt.segmenter.automatic import Automatic
    from biprompt.segmenter.classes import classes_of

    started = time.perf_counter()
    outputs = Outputs(mask=output, format=format, tolerance=tolerance, overlay=overlay, force=force)
    settings = Automatic(
        grid=grid, layers=layers, predicted_iou=least_iou, stability=stability, overlap=overlap,
        smallest=smallest, granularity=granularity, most=most,
    )  # fmt: skip
    names = single("--classes", classes)
    wanted = None if names is None else classes_of(names)
    outputs.check(image)
    with Progress() as progress:
        progress.step("loading the model")
        segmenter = biprompt.load(model, device=device, dtype=dtype, cache=not no_cache)
        progress.step("looking at the photograph")
        found = segmenter.automatic(
            image, settings=settings, classes=wanted,
            told=lambda done, count: progress.step(f"click {done} of {count}"),
        )  # fmt: skip
        progress.step("writing")
        _write(found, outputs)
    seconds = time.perf_counter() - started
    print(json.dumps(found.to_dict()) if as_json else _told(found, seconds, outputs.paths))
    return Status.FOUND if found.found else Status.ABSENT


def _write(found: Objects, outputs: Outputs) -> None:
    if outputs.mask is not None:
        found.save(
            outputs.mask, format=outputs.format, tolerance=outputs.tolerance, force=outputs.force
        )
    if outputs.overlay is not None:
        found.save_overlay(outputs.overlay, force=outputs.force)


def _told(found: Objects, seconds: float, written: Sequence[Path]) -> str:
    names = Counter(each.label for each in found if each.label is not None)
    rows = [
        ("verdict", found.verdict.value),
        ("why", found.reason),
        *(("named", f"{name}: {count}") for name, count in names.most_common()),
        ("time", f"{seconds:.2f} s"),
        *(("wrote", str(path)) for path in written),
    ]
    hint = [] if written else ["nothing was written; -o objects.json keeps the masks"]
    return "\n".join([*(f"{name:<12}{value}" for name, value in rows), *hint])
