"""A report as a value: blocks that become Markdown, and one HTML file that needs nothing else."""

from __future__ import annotations

from biprompt.evaluation.page.blocks import (
    Block,
    Bullets,
    Chart,
    Gallery,
    Heading,
    Page,
    Series,
    Shot,
    Table,
    Text,
)

__all__ = [
    "Block",
    "Bullets",
    "Chart",
    "Gallery",
    "Heading",
    "Page",
    "Series",
    "Shot",
    "Table",
    "Text",
]
