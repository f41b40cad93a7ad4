"""Numbers for people and for machines, and where they come from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from biprompt.evaluation.page.blocks import Bullets


def number(value: float | None, digits: int = 3) -> str:
    """Return a number for a person; a dash for none."""
    if value is None or math.isnan(value):
        return "-"
    return f"{round(value, digits) + 0.0:.{digits}f}"  # no minus before a zero


def with_interval(value: float | None, interval: Sequence[float] | None, digits: int = 3) -> str:
    """Return a number and its interval in brackets for a person."""
    if interval is None:
        return number(value, digits)
    return f"{number(value, digits)} [{number(interval[0], digits)}, {number(interval[1], digits)}]"


def provenance(run: Mapping[str, Any]) -> Bullets:
    """Return where the numbers come from: date, commit, model, machine, command."""
    packages = ", ".join(f"{name} {version}" for name, version in run["packages"].items())
    lines = [
        f"Measured {run['date']} at commit {run['commit'] or 'unknown'}",
        f"model `{run['model']['name']}`, digest {run['model']['digest']}",
        f"machine {run['machine']}; Python {run['python']}, {packages}",
        f"command `{run['command']}`",
    ]
    if run["limit"] is not None:
        lines.append(f"**only the first {run['limit']} objects of each set: a trial, no result**")
    return Bullets(tuple(lines))


def to_json(report: Mapping[str, Any]) -> bytes:
    """Return the report as indented JSON; numbers of six decimals, NaN as null."""
    text = json.dumps(_plain(report), indent=1, ensure_ascii=False, allow_nan=False)
    # A name of a file may hold bytes that are no text; JSON has an escape for them.
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
