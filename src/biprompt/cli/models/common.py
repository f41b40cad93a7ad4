"""What the commands on checkpoints share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from biprompt.zoo.recognise import Recognised


def _names(incomplete: str) -> list[str]:
    from biprompt.zoo.checkpoints import CHECKPOINTS
    from biprompt.zoo.hub.table import HUB

    return [name for name in (*CHECKPOINTS, *HUB) if name.startswith(incomplete)]


def _names_and_pairs(incomplete: str) -> list[str]:
    from biprompt.zoo.checkpoints import PAIRS

    return [*_names(incomplete), *(name for name in PAIRS if name.startswith(incomplete))]


NameOrPath = Annotated[
    str,
    typer.Argument(
        metavar="NAME|PATH",
        help="A published checkpoint, or a file or folder of weights.",
        autocompletion=_names,
        show_default=False,
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A published checkpoint or a pair; `biprompt models` lists them.",
        autocompletion=_names_and_pairs,
        show_default=False,
    ),
]


@contextmanager
def needs_torch(purpose: str) -> Iterator[None]:
    """Around imports: what is missing comes with the extra `torch`."""
    from biprompt.errors import MissingExtraError

    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError("torch", f"{purpose} ({error.name} is missing)") from error


def network_line(recognised: Recognised) -> str:
    """Say in a few words what a checkpoint is."""
    kind = type(recognised.visual).__name__.removesuffix("Config")
    words = " with BEiT-3" if recognised.evf is not None else ""
    return f"{recognised.family.value}: {kind}{words}, images of {recognised.visual.image_size}"
