"""An answer for a large image in a few lines for a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.cli.summary import HINT

if TYPE_CHECKING:
    from biprompt.segmenter.tiles import LargeSegmentation

_WIDTH = 12


def told(answer: LargeSegmentation, seconds: float, written: Sequence[Path]) -> str:
    """Describe an answer; `seconds` from the start of the command, `written` the files."""
    presence = [] if answer.presence is None else [("presence", f"{answer.presence:.2f}")]
    rows = [
        ("verdict", answer.verdict.value),
        ("why", answer.reason),
        *presence,
        *_extent(answer),
        ("looks", str(answer.looks)),
        ("time", f"{seconds:.2f} s"),
        *(("wrote", str(path)) for path in written),
    ]
    lines = [f"{name:<{_WIDTH}}{value}" for name, value in rows]
    return "\n".join(lines if written else [*lines, HINT])


def _extent(answer: LargeSegmentation) -> list[tuple[str, str]]:
    pixels, (height, width) = answer.mask.area(), answer.mask.hw
    if not pixels:
        return [("area", "0 pixels")]
    x0, y0, x1, y1 = answer.mask.bbox_xyxy()
    place = answer.reference
    area = f"{pixels:,} pixels, {pixels / (height * width):.1%} of {width} x {height}"
    if place is not None:
        area += f"; {pixels * place.pixel_area:,.6g} square units of {place.name}"
    return [
        ("box", f"x {x0} to {x1}, y {y0} to {y1} ({x1 - x0} x {y1 - y0} pixels)"),
        ("area", area),
        ("parts", f"{len(answer.parts):,}"),
    ]
