"""`biprompt train`: train the embedded model on COCO-format folders, look at a run, export it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from biprompt.cli import options as o

HELP = "Train a model from photographs with masks."

COMPACT_HELP = """Train the embedded model; Ctrl-C saves and stops, --resume goes on from there.

\b
  biprompt train compact --data data --out runs/one --backbone deeplab.safetensors \\
    --classifier mobilenet_v2.safetensors --class-names imagenet_labels.txt
  biprompt train compact --data data --out runs/one --resume --steps 40000

The shipped model was trained with --classifier and --class-names, which belong together: what
links places of a photograph to words. docs/training.md says where the files come from. The run
ends after --steps or --minutes, whichever is first.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def train() -> None:
    """Train a model from photographs with masks."""


def _file(name: str, text: str) -> Any:
    return typer.Option(name, metavar="FILE", help=text, show_default=False)


def _folder(*names: str, text: str) -> Any:
    return typer.Option(*names, metavar="DIR", help=text, show_default=False)


Data = Annotated[Path, _folder("--data", text="Holds the COCO-format folders.")]
Run = Annotated[Path, _folder("-o", "--out", text="Of checkpoints and the log; it is made.")]
Backbone = Annotated[
    Path | None, _file("--backbone", "MobileNetV2 weights (.safetensors) for what learns.")
]
Classifier = Annotated[
    Path | None,
    _file(
        "--classifier", "MobileNetV2 ImageNet classifier (.safetensors) for what stays as it is."
    ),
]
ClassNames = Annotated[Path | None, _file("--class-names", "Its 1,000 names, one a line.")]
Start = Annotated[
    Path | None, _file("--start", "Checkpoint whose averaged weights a new run starts from.")
]
Config = Annotated[Path | None, _file("--config", "Recipe; see `biprompt train recipe`.")]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", metavar="N", help="Time budget in minutes.", show_default=False),
]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", help="Step budget.", show_default=False)
]
Assign = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a field of the recipe. May be repeated.",
        show_default=False,
        default_factory=list,
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")]
Export = Annotated[
    Path | None, _folder("--export", text="For the ONNX model, written when the run ends.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@app.command("compact", help=COMPACT_HELP)
def compact(
    data: Data,
    out: Run,
    assign: Assign,
    backbone: Backbone = None,
    classifier: Classifier = None,
    class_names: ClassNames = None,
    start: Start = None,
    config: Config = None,
    minutes: Minutes = None,
    steps: Steps = None,
    resume: Resume = False,
    export: Export = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Train, and export the best weights where that is asked for."""
    with _extra("training"):
        from biprompt.training.compact.command import (
            RunPlan,
            check_no_model,
            export_checkpoint,
            train_compact,
        )
        from biprompt.training.compact.weights import FirstWeights

    plan = RunPlan(data, out, FirstWeights(backbone, classifier, class_names, start), resume)
    recipe = plan.recipe(config, _changes(minutes, steps, assign))
    if export is not None:
        check_no_model(export, force=force)
    best = train_compact(recipe, plan, lambda line: print(line, flush=True))
    if best is None:  # another process of the run has the last word
        return
    print(best)
    if export is not None:
        export_checkpoint(best, export, data=data, force=force)
        print(export)


@app.command("export", help="Write a checkpoint as a model for `biprompt segment --model DIR`.")
def export(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="best.pt or checkpoint.pt of a run.")
    ],
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the model; it is made.")],
    data: Annotated[
        Path | None, _folder("--data", text="The data folders: calibrate on what was kept aside.")
    ] = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Write the ONNX graphs and say how far they are from PyTorch."""
    with _extra("exporting a model"):
        from biprompt.training.compact.command import export_checkpoint

    for name, worst in export_checkpoint(checkpoint, out, data=data, force=force).items():
        print(f"{name}.onnx differs from PyTorch by at most {worst:.2g}")


@app.command("recipe", help="Print the recipe with all its fields explained, to copy and change.")
def recipe(debug: o.Debug = False) -> None:
    """Print the defaults as TOML."""
    from biprompt.training.compact.recipe import RECIPE_FILE

    print(RECIPE_FILE.read_text("utf-8"), end="")


@app.command("plot", help="Draw the log of a run: loss, IoU, and the photographs kept aside.")
def plot(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="The run, --out of its training.")],
    out: Annotated[
        Path | None, _file("--out", "The picture; log.png in the run when left out.")
    ] = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Write one PNG."""
    with _extra("drawing a log"):
        from biprompt.training.plot import plot_run

    print(plot_run(run, run / "log.png" if out is None else out, force=force))


@app.command("words", help="Build a word table: a sentence encoder distilled to a vector a word.")
def words(
    out: Annotated[Path, _file("--out", "The table, an .npz file.")],
    things: Annotated[
        Path | None,
        _file("--things", "More names of visible things, one a line, synonyms after commas."),
    ] = None,
    force: Force = False,
    debug: o.Debug = False,
) -> None:
    """Build and write the table."""
    from biprompt.cli.progress import Progress

    with _extra("building a word table"):
        from biprompt.training.words import build_word_table, read_things

    names = [] if things is None else read_things(things)
    with Progress() as progress:
        progress.step("reading the words")
        table = build_word_table(out, things=names, force=force)
    print(f"{out}: {len(table.words)} words")


@contextmanager
def _extra(purpose: str) -> Iterator[None]:
    """Around imports: what is missing comes with the extra `train`."""
    from biprompt.errors import MissingExtraError

    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"{purpose} ({error.name} is missing)") from error


def _changes(minutes: float | None, steps: int | None, assignments: list[str]) -> dict[str, Any]:
    import tomllib

    from biprompt.errors import DataError

    changes: dict[str, Any] = {}
    for text in assignments:
        try:
            changes |= tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataError("--set", expected="NAME=VALUE in TOML", actual=text) from error
    budgets = {"minutes": minutes, "steps": steps}
    return changes | {name: value for name, value in budgets.items() if value is not None}
