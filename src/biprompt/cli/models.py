"""`biprompt models`: which models there are, which can be used now, what each needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from biprompt.cli import installed
from biprompt.cli import options as o
from biprompt.cli.table import size, table

HELP = "List the models: which are installed, their size and licence, and what each needs."
HEADER = ("model", "ready", "size", "licence", "needs", "what it is")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model.

    Attributes:
        name: what `--model` takes.
        about: one line.
        bytes: size of its weights.
        licence: of the weights.
        extra: the extra it needs, None for the core alone.
        weights: whether its weights are on this machine.
        missing: packages of that extra that are not installed.
    """

    name: str
    about: str
    bytes: int
    licence: str
    extra: str | None
    weights: bool
    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether it can be used now."""
        return self.weights and not self.missing

    @property
    def needs(self) -> str:
        """What has to be added before it can be used, in words."""
        needs = [] if not self.missing else [f'pip install "biprompt[{self.extra}]"']
        return ", ".join(needs if self.weights else [*needs, "its weights"]) or "nothing"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self) | {"ready": self.ready}


def models(as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print the table."""
    found = rows()
    print(json.dumps({"models": [row.to_dict() for row in found]}) if as_json else text(found))


def rows() -> list[Row]:
    """Return every known model, the embedded one first."""
    return [
        Row(
            name=spec.name,
            about=spec.about,
            bytes=spec.bytes,
            licence=spec.licence,
            extra=spec.extra,
            weights=spec.weights_are_here(),
            missing=tuple(installed.missing(spec.extra)) if spec.extra else (),
        )
        for spec in _specs()
    ]


def known_names() -> list[str]:
    """Return the names that `--model` takes."""
    return [spec.name for spec in _specs()]


def text(found: Sequence[Row], *, indent: int = 0) -> str:
    """Lay the models out as a table."""
    lines = [
        (row.name, "yes" if row.ready else "no", size(row.bytes), row.licence, row.needs, row.about)
        for row in found
    ]
    return table([HEADER, *lines], indent=indent)


def _specs() -> Iterable[Any]:
    from biprompt.zoo.registry import MODELS

    return MODELS.values()
