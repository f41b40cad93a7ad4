"""The options of `biprompt label`, with their help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Images = Annotated[
    str,
    typer.Argument(
        metavar="IMAGES",
        help="A folder with its subfolders, a list (.txt), a COCO file (.json), a pattern in "
        "quotes, or a URL.",
        show_default=False,
    ),
]
Prompts = Annotated[
    str,
    typer.Option(
        "--prompts",
        metavar="FILE|'A; B'",
        help="Prompts for each image (.jsonl, .csv, .json), or phrases for all.",
        show_default=False,
    ),
]
Out = Annotated[
    str,
    typer.Option("-o", "--out", metavar="DIR", help="Folder of the results.", show_default=False),
]
Formats = Annotated[
    str,
    typer.Option("--format", metavar="A,B,...", help="What to write: coco, yolo, labelme, png."),
]
Overlap = Annotated[
    Literal["keep", "highest", "smaller-on-top"],
    typer.Option(
        help="Masks may share pixels (keep), or the pixel goes to the mask with the highest "
        "predicted IoU, or to the smaller mask."
    ),
]
Merge = Annotated[
    bool, typer.Option("--merge-same-label", help="Masks of one label in an image become one.")
]
MinArea = Annotated[
    int, typer.Option(min=0, metavar="PIXELS", help="Leave out masks of fewer pixels.")
]
MinScore = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, metavar="S", help="Leave out masks of a lower predicted IoU."),
]
Refused = Annotated[
    Literal["skip", "keep"],
    typer.Option(help="An honest no: no object (skip), or one with an empty mask (keep)."),
]
Doubt = Annotated[
    float,
    typer.Option(
        min=0.0, max=1.0, metavar="D", help="Doubt from which on an answer is listed for review."
    ),
]
Cards = Annotated[
    bool, typer.Option("--cards", help="Write the selection card of each mask as a picture: slow.")
]
Workers = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="Processes that hold the model; they share the cores."),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Actors of a Ray cluster hold the model: local, auto, HOST:PORT or ray://HOST:PORT.",
        show_default=False,
    ),
]
Actors = Annotated[
    str | None,
    typer.Option(
        metavar="N|MIN:MAX",
        help="With --ray, how many; as many as there is room for when left out.",
        show_default=False,
    ),
]
ActorCpus = Annotated[float, typer.Option(metavar="N", help="With --ray, cores of an actor.")]
ActorGpus = Annotated[float, typer.Option(metavar="N", help="With --ray, GPUs of an actor.")]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Only the first N images: a trial. Without it the same command does the rest.",
        show_default=False,
    ),
]
Retry = Annotated[bool, typer.Option("--retry", help="Try failed images again.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done; load no model, write nothing.")
]
Force = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Remove results of other images, prompts, models or rules from DIR. Corrections stay.",
    ),
]
