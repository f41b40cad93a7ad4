"""`biprompt models show`: what a checkpoint is, without loading it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from biprompt.cli import options as o
from biprompt.cli.models.common import NameOrPath, needs_torch
from biprompt.cli.models.listing import published, published_hub
from biprompt.cli.table import size, table

if TYPE_CHECKING:
    from biprompt.zoo.checkpoints import CheckpointSpec

HELP = """Say what a checkpoint is: family, sizes, parameters, preset, and what it answers.

Of a published checkpoint that is not here, what is known of it.
"""


def show(name: NameOrPath, as_json: o.Json = False, debug: o.Debug = False) -> None:
    """Print what is known."""
    from biprompt.zoo.checkpoints import CHECKPOINTS
    from biprompt.zoo.folders import find_checkpoint, installed
    from biprompt.zoo.hub import is_hub

    spec = CHECKPOINTS.get(name)
    facts = _known(spec) if spec is not None else {}
    if is_hub(name):
        facts = _hub(name)
    elif spec is None or installed(spec) is not None:
        with needs_torch("reading a checkpoint"):
            from biprompt.zoo.describe import describe
        facts |= describe(find_checkpoint(name))
    print(json.dumps(facts) if as_json else _text(facts))


def _known(spec: CheckpointSpec) -> dict[str, Any]:
    return published(spec) | {"preset": asdict(spec.preset)}


def _hub(name: str) -> dict[str, Any]:
    """What the table, or a folder of transformers itself, says."""
    from biprompt.zoo.hub import HUB, find_hub

    if (spec := HUB.get(name)) is not None:
        return published_hub(spec)
    folder = find_hub(name)
    return {
        "path": str(folder.path),
        "family": folder.family.value,
        "role": folder.role.value,
        "prompts": list(folder.role.prompts),
    }


def _text(facts: dict[str, Any]) -> str:
    """Lay out what is known in two columns; parts of parts are dotted names."""
    return table([(name, _words(name, value)) for name, value in _flat(facts)])


def _flat(facts: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in facts.items():
        rows += (
            _flat(value, f"{before}{name}.")
            if isinstance(value, dict)
            else [(before + name, value)]
        )
    return rows


def _words(name: str, value: Any) -> str:
    if name == "path" and value is None:
        return "not here; `biprompt models get` downloads it"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if name == "bytes":
        return size(value)
    return f"{value:,}" if name == "parameters" else str(value)
