"""How commands are put into a group."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import typer

_END = re.compile(r"[.;:]\s")


def brief(help: str) -> str:
    """The first clause of a help text, whole, for the list of commands."""
    line = " ".join(help.strip().split("\n\n")[0].split())
    end = _END.search(line)
    return (line[: end.start()] if end else line.rstrip(".;:")) + "."


def add(app: typer.Typer, name: str, help: str, command: Callable[..., Any]) -> None:
    """Put a command into a group: its help in full, and its first clause in the list."""
    app.command(name, help=help, short_help=brief(help))(command)
