"""Checkpoints under transformers' names, read as if they had the published ones."""

from __future__ import annotations

from biprompt.zoo.naming.opened import open_published
from biprompt.zoo.naming.rules import Source, renamed, sources

__all__ = ["Source", "open_published", "renamed", "sources"]
