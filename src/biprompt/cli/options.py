"""The options of the commands, with their help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from biprompt.io.formats.registry import FORMATS, format_names


@dataclass
class Settings:
    """What holds for the whole run; travels as the context's object."""

    debug: bool = False


def _remember_debug(context: typer.Context, value: bool) -> bool:
    if value and isinstance(context.obj, Settings):
        context.obj.debug = True
    return value


def _model_names(incomplete: str) -> list[str]:
    from biprompt.cli.models import known_names

    return [name for name in known_names() if name.startswith(incomplete)]


def _formats(incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def _option(*names: str, metavar: str, text: str) -> object:
    return typer.Option(*names, metavar=metavar, help=text, show_default=False)


def _list(name: str, *, metavar: str, text: str) -> object:
    return typer.Option(name, metavar=metavar, help=text, show_default=False, default_factory=list)


def _model(*names: str) -> object:
    return typer.Option(
        *names,
        metavar="NAME",
        help="The model: a name of `biprompt models`, or a file or folder of weights.",
        autocompletion=_model_names,
    )


Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        callback=_remember_debug,
        help="Show the traceback of an error (also: BIPROMPT_DEBUG=1).",
    ),
]
Version = Annotated[bool, typer.Option("--version", help="Show the version.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

Image = Annotated[Path, typer.Argument(metavar="IMAGE", help="The photograph.", show_default=False)]

# What may be given once is a list too: the second one is an error, not a silent replacement.
Point = Annotated[
    list[str], _list("--point", metavar="X,Y", text="A click on the thing. May be repeated.")
]
Negative = Annotated[
    list[str],
    _list("--negative", metavar="X,Y", text="A click on what is not the thing. May be repeated."),
]
Box = Annotated[
    list[str], _list("--box", metavar="X0,Y0,X1,Y1", text="A rectangle around the thing.")
]
Scribble = Annotated[
    list[str],
    _list(
        "--scribble",
        metavar="'X,Y;X,Y;...'",
        text="A stroke over the thing. May be repeated.",
    ),
]
NegativeScribble = Annotated[
    list[str],
    _list(
        "--negative-scribble",
        metavar="'X,Y;X,Y;...'",
        text="A stroke over what is not the thing. May be repeated.",
    ),
]
Polygon = Annotated[
    list[str],
    _list("--polygon", metavar="'X,Y;X,Y;X,Y;...'", text="An outline around the thing."),
]
Mask = Annotated[
    list[Path],
    _list(
        "--mask",
        metavar="FILE",
        text="A mask to refine, black and one other colour, the size of the photograph.",
    ),
]
Text = Annotated[list[str], _list("--text", metavar="WORDS", text="What the thing is called.")]
Domain = Annotated[
    str | None,
    _option(
        "--domain",
        metavar="NAME",
        text="Read --text as a question about the things of a domain: organs, instruments, coco, "
        "or a TOML file of your own.",
    ),
]
Not = Annotated[
    list[str], _list("--not", metavar="WORDS", text="What is not meant. May be repeated.")
]
Example = Annotated[
    list[str],
    _list(
        "--example",
        metavar="IMAGE:MASK",
        text="Another photograph with the thing marked. May be repeated.",
    ),
]
NegativeExample = Annotated[
    list[str],
    _list(
        "--negative-example",
        metavar="IMAGE:MASK",
        text="Another photograph with something marked that is not meant. May be repeated.",
    ),
]

Model = Annotated[str, _model("--model", "--points")]
Judged = Annotated[str, _model("--model")]
"""Where --points means something else."""
TextModel = Annotated[
    str | None,
    _option(
        "--text-model",
        metavar="NAME",
        text="The model that reads the words, likewise, beside any that is pointed with.",
    ),
]
Device = Annotated[
    str | None,
    _option("--device", metavar="D", text="cpu, cuda, cuda:1 or mps; the fastest if left out."),
]
Dtype = Annotated[
    str | None,
    _option(
        "--dtype",
        metavar="T",
        text="float32, bfloat16 or float16; what suits the device if left out.",
    ),
]
Pool = Annotated[
    Literal["paper", "wide", "parts"],
    typer.Option(
        help="Which candidates take part: the click's own (paper), also the joint answer, the "
        "words' mask at the click and one refinement (wide), or of several prompts also what each "
        "says alone, and the one expected to be best wins (parts)."
    ),
]
Refine = Annotated[
    Literal["keep", "free"],
    typer.Option(
        help="What becomes of a mask or an outline drawn by hand: it stays unless a refinement is "
        "surely better (keep), or the model refines it freely (free)."
    ),
]
Metric = Annotated[
    Literal["iou", "dice"], typer.Option(help="How a candidate is compared with the words' mask.")
]
Granularity = Annotated[
    Literal["part", "object", "whole"] | None,
    _option(
        "--granularity",
        metavar="part|object|whole",
        text="How much of what was pointed at is meant: the smallest, the middle or the largest "
        "candidate.",
    ),
]
Weights = Annotated[
    list[str],
    _list(
        "--weights",
        metavar="W1,W2,W3",
        text="Decide by the joint score: weights of the words' confidence, the click's confidence "
        "and their similarity.",
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Look at the photograph anew, and keep nothing of it.")
]

Output = Annotated[
    Path | None, _option("-o", "--out", "--output", metavar="FILE", text="Write the mask here.")
]
Format = Annotated[
    str | None,
    typer.Option(
        metavar="F",
        help=f"Format of the mask: {format_names()}. Taken from the file's ending when left out: "
        ".png, .json (coco), .txt (yolo), .geojson.",
        autocompletion=_formats,
        show_default=False,
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        metavar="PIXELS",
        help="How far an outline may move so that it needs fewer corners (yolo, labelme, "
        "geojson); below 0.5 the mask stays the same.",
    ),
]
Overlay = Annotated[
    Path | None,
    _option("--overlay", metavar="FILE", text="Write the photograph with the mask on it (PNG)."),
]
Card = Annotated[
    Path | None,
    _option("--card", metavar="FILE", text="Write the selection card: every candidate (PNG)."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
