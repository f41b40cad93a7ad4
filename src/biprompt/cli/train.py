"""`biprompt train compact`: train the embedded model on COCO-format folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HELP = "Train a model from photographs with masks."

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def train() -> None:
    """Train a model from photographs with masks."""


def _changes(minutes: float | None, steps: int | None, assignments: list[str]) -> dict[str, object]:
    import tomllib

    from biprompt.errors import DataError

    changes: dict[str, object] = {}
    for text in assignments:
        try:
            changes |= tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataError("--set", expected="name=value", actual=text) from error
    if minutes is not None:
        changes["minutes"] = minutes
    if steps is not None:
        changes["steps"] = steps
    return changes


@app.command("compact")
def compact(
    data: Annotated[Path, typer.Option(help="Folder that holds the COCO-format folders.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints and log.jsonl.")],
    backbone: Annotated[
        Path | None, typer.Option(help="MobileNetV2 weights (.safetensors) to start from.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Recipe, a TOML file.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time budget.")] = None,
    steps: Annotated[int | None, typer.Option(help="Step budget.")] = None,
    assign: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field of the recipe: name=value.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Checkpoint to start a new schedule from.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in --out.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Folder for the ONNX model when the run ends.")
    ] = None,
) -> None:
    """Train the embedded model. Ctrl-C saves and stops; --resume goes on from there."""
    from biprompt.errors import MissingExtraError

    try:
        from biprompt.training.compact.command import RunPlan, export_checkpoint, train_compact
        from biprompt.training.compact.recipe import load_recipe
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"biprompt train ({error.name} is missing)") from error
    recipe = load_recipe(config, _changes(minutes, steps, assign or []))
    plan = RunPlan(data, out, backbone, start, resume)
    checkpoint = train_compact(recipe, plan, lambda line: print(line, flush=True))
    if export is not None:
        best = out / "best.pt"
        export_checkpoint(best if best.exists() else checkpoint, export)


@app.command("export")
def export(
    checkpoint: Annotated[Path, typer.Argument(help="checkpoint.pt or best.pt of a run.")],
    out: Annotated[Path, typer.Argument(help="Folder for the ONNX model.")],
) -> None:
    """Write a checkpoint as an ONNX model for `biprompt segment --model FOLDER`."""
    from biprompt.training.compact.command import export_checkpoint

    for name, worst in export_checkpoint(checkpoint, out).items():
        print(f"{name}.onnx differs from PyTorch by at most {worst:.2g}")
