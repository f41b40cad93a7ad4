"""`biprompt label`: many images into a data set."""

from __future__ import annotations

from biprompt.cli.label.command import HELP, label

__all__ = ["HELP", "label"]
