"""An answer in a few lines for a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biprompt.results import Segmentation

HINT = "nothing was written; -o mask.png keeps the mask, --overlay and --card show it"
LANGUAGE_HINT = "the model knows English words only: try a common English name of the thing"
_WIDTH = 12


def summary(answer: Segmentation, seconds: float, written: Sequence[Path]) -> str:
    """Describe an answer.

    Args:
        answer: what was found.
        seconds: from the start of the command to the answer.
        written: the files that were written.
    """
    rows = [
        ("verdict", answer.verdict.value),
        ("why", answer.card.reason),
        *([("hint", LANGUAGE_HINT)] if answer.card.text_understood is False else []),
        *_measures(answer),
        *_extent(answer),
        ("time", f"{seconds:.2f} s"),
        *(("wrote", str(path)) for path in written),
    ]
    lines = [f"{name:<{_WIDTH}}{value}" for name, value in rows]
    return "\n".join(lines if written else [*lines, HINT])


def _measures(answer: Segmentation) -> list[tuple[str, str]]:
    card = answer.card
    similarity = f"{card.similarity:.2f} ({card.metric})" if card.similarity is not None else ""
    presence = f"{answer.presence:.2f}" if answer.presence is not None else ""
    rows = [("similarity", similarity), ("presence", presence)]
    return [(name, value) for name, value in rows if value]


def _extent(answer: Segmentation) -> list[tuple[str, str]]:
    from biprompt.masks import area, bbox_xyxy

    pixels = area(answer.mask)
    if not pixels:
        return [("area", "0 pixels")]
    x0, y0, x1, y1 = bbox_xyxy(answer.mask)
    share = pixels / answer.mask.size
    return [
        ("box", f"x {x0} to {x1}, y {y0} to {y1} ({x1 - x0} x {y1 - y0} pixels)"),
        ("area", f"{pixels:,} pixels, {share:.1%} of the photograph"),
    ]
