"""The command `biprompt`: one file a command, and one place where errors become statuses."""

from __future__ import annotations

from biprompt.cli.app import main

__all__ = ["main"]
