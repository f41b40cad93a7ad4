"""What the commands of `biprompt train` share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer


def file(name: str, text: str, *others: str) -> Any:
    """An option that takes a file; `others` are more names of it."""
    return typer.Option(name, *others, metavar="FILE", help=text, show_default=False)


def folder(*names: str, text: str) -> Any:
    """An option that takes a folder."""
    return typer.Option(*names, metavar="DIR", help=text, show_default=False)


def named(name: str, text: str) -> Any:
    """An option that takes a published checkpoint's name, or a path."""
    return typer.Option(name, metavar="NAME|PATH", help=text, show_default=False)


Run = Annotated[Path, folder("-o", "--out", text="Of checkpoints and the log; it is made.")]
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
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def checkpoint(name: str | None) -> Path | None:
    """Where a checkpoint is that was given by a published name or by its path.

    Raises:
        WeightsError: it is neither.
    """
    from biprompt.zoo.folders import find_checkpoint

    return None if name is None else find_checkpoint(name).path


@contextmanager
def extra(purpose: str) -> Iterator[None]:
    """Around imports: what is missing comes with the extra `train`."""
    from biprompt.errors import MissingExtraError

    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", f"{purpose} ({error.name} is missing)") from error


def changes(assignments: list[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of the recipe that the command line changes.

    Args:
        assignments: each ``NAME=VALUE``, the value as TOML writes it.
        given: values of options of their own; None was not given.

    Raises:
        DataError: an assignment is none.
    """
    import tomllib

    from biprompt.errors import DataError

    found: dict[str, Any] = {}
    for text in assignments:
        try:
            found |= tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise DataError("--set", expected="NAME=VALUE in TOML", actual=text) from error
    return found | {name: value for name, value in given.items() if value is not None}
