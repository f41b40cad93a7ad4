"""`biprompt models`: which models there are, which can be used now, what each needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from biprompt.cli import options as o
from biprompt.cli.table import size, table

if TYPE_CHECKING:
    from biprompt.zoo.registry import ModelSpec

HELP = "List the models and what each needs."
HEADER = ("model", "installed", "size", "needs", "licence", "what it is")


def models(as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print the table."""
    print(json.dumps({"models": facts()}) if as_json else text())


def facts() -> list[dict[str, Any]]:
    """Return every model as plain JSON values, the embedded one first."""
    return [
        {
            "name": spec.name,
            "summary": spec.summary,
            "prompts": list(spec.prompts),
            "licence": spec.licence,
            "source": spec.source,
            "installed": spec.is_installed,
            "bytes": spec.nbytes,
            "needs": _needs(spec),
        }
        for spec in _specs()
    ]


def known_names() -> list[str]:
    """Return the names that `--model` takes."""
    return [spec.name for spec in _specs()]


def text(*, indent: int = 0) -> str:
    """Lay the models out as a table."""
    rows = [
        (
            spec.name,
            "yes" if spec.is_installed else "no",
            size(spec.nbytes) if spec.is_installed else "-",
            _needs(spec),
            spec.licence,
            spec.summary,
        )
        for spec in _specs()
    ]
    return table([HEADER, *rows], indent=indent)


def _needs(spec: ModelSpec) -> str:
    return "nothing more" if spec.is_installed else f"its files, {spec.source}"


def _specs() -> list[ModelSpec]:
    from biprompt.zoo.registry import MODELS

    return list(MODELS.values())
