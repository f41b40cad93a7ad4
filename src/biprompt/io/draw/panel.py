"""One picture of the selection card with its title, numbers and bars."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biprompt.io.draw import shapes
from biprompt.io.draw.palette import ACCENT, EDGE, INK, INK_SOFT, MAT, QUIET, WHITE
from biprompt.io.draw.text import Style, draw_text, text_width, wrap

PAD = 18
RADIUS = 14
_TITLE = Style(20, INK, strong=True)
_LABEL = Style(16, INK_SOFT)
_VALUE = Style(17, INK, strong=True)
_CHOSEN = Style(17, ACCENT, strong=True)
_BAR = 8
_MOST_BAR = 600
_BELOW = 14
"""Space between a picture and its title."""

_METER = 52
"""Height of a label with its bar and the space below."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What one picture of the card shows.

    Attributes:
        title: a few words above the numbers, such as "Candidate 2".
        mask: `(H, W)` bool, frame of the image; None shows the photograph alone.
        lines: further lines of small text; they are wrapped.
        similarity: in [0, 1], shown as a bar; None leaves a gap where other panels have one.
        score: predicted IoU in [0, 1], shown as a bar; None as above.
        winner: framed and checked as the answer.
    """

    title: str
    mask: NDArray[np.bool_] | None = field(default=None, repr=False)
    lines: tuple[str, ...] = ()
    similarity: float | None = None
    score: float | None = None
    winner: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """A number of the panels that is shown as a bar.

    Attributes:
        field: which number.
        label: its name on the card.
    """

    field: Literal["similarity", "score"]
    label: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """Measures shared by the panels of one row, so that their baselines are aligned.

    Attributes:
        width: outer width of a panel in pixels.
        picture: height of the picture's area.
        titles: most lines a title takes.
        meters: the bars every panel makes room for.
        body: most pixels the bars and the small text take.
    """

    width: int
    picture: int
    titles: int
    meters: tuple[Meter, ...]
    body: int

    @classmethod
    def of(
        cls, panels: list[Panel], width: int, picture: int, meters: tuple[Meter, ...]
    ) -> RowPlan:
        """Measure a row of panels; meters that none of them has take no room."""
        used = tuple(m for m in meters if any(getattr(p, m.field) is not None for p in panels))
        titles = max(len(_title_lines(panel, width)) for panel in panels)
        body = max(_body_height(panel, width, len(used)) for panel in panels)
        return cls(width, picture, titles, used, body)

    @property
    def height(self) -> int:
        """Outer height of every panel of the row."""
        return PAD + self.picture + _BELOW + self.titles * _TITLE.line_height + self.body + PAD


def draw_panel(
    pixels: NDArray[np.uint8],
    corner: tuple[int, int],
    panel: Panel,
    thumbnail: NDArray[np.uint8],
    plan: RowPlan,
) -> None:
    """Draw one panel in place with its upper left corner at `corner` (x, y)."""
    x, y = corner
    box = (x, y, x + plan.width, y + plan.height)
    shapes.rounded(pixels, box, RADIUS, WHITE)
    shapes.frame(pixels, box, RADIUS, 1.5, EDGE)
    _draw_picture(pixels, (x + PAD, y + PAD), thumbnail, plan)
    top = y + PAD + plan.picture + _BELOW
    _draw_title(pixels, x, top + _TITLE.size, panel, plan)
    top += plan.titles * _TITLE.line_height
    for place, meter in enumerate(plan.meters):
        _draw_meter(pixels, (x + PAD, top + place * _METER), meter, panel, plan)
    top += _notes_offset(panel, len(plan.meters))
    for number, text in enumerate(_note_lines(panel, plan.width)):
        baseline = top + _LABEL.size + number * _LABEL.line_height
        draw_text(pixels, (x + PAD, baseline), text, _LABEL)
    if panel.winner:
        _draw_winner(pixels, box)


def _inner(width: int) -> int:
    return width - 2 * PAD


def _title_lines(panel: Panel, width: int) -> list[str]:
    room = _inner(width) - (text_width("Chosen", _CHOSEN) + 16 if panel.winner else 0)
    return wrap(panel.title, _TITLE, room)


def _note_lines(panel: Panel, width: int) -> list[str]:
    return [part for text in panel.lines for part in wrap(text, _LABEL, _inner(width))]


def _notes_offset(panel: Panel, meters: int) -> int:
    # The small text of a panel without bars follows its title directly.
    bars = panel.similarity is not None or panel.score is not None
    return (meters * _METER if bars else 0) + 6


def _body_height(panel: Panel, width: int, meters: int) -> int:
    notes = len(_note_lines(panel, width))
    return _notes_offset(panel, meters) + (notes * _LABEL.line_height if notes else -14)


def _draw_picture(
    pixels: NDArray[np.uint8], corner: tuple[int, int], thumbnail: NDArray[np.uint8], plan: RowPlan
) -> None:
    x, y = corner
    height, width = thumbnail.shape[:2]
    inner = _inner(plan.width)
    pixels[y : y + plan.picture, x : x + inner] = MAT
    left, top = x + (inner - width) // 2, y + (plan.picture - height) // 2
    pixels[top : top + height, left : left + width] = thumbnail


def _draw_title(
    pixels: NDArray[np.uint8], x: int, baseline: int, panel: Panel, plan: RowPlan
) -> None:
    for number, text in enumerate(_title_lines(panel, plan.width)):
        draw_text(pixels, (x + PAD, baseline + number * _TITLE.line_height), text, _TITLE)
    if panel.winner:
        draw_text(pixels, (x + plan.width - PAD, baseline), "Chosen", _CHOSEN, "r")


def _draw_meter(
    pixels: NDArray[np.uint8], corner: tuple[int, int], meter: Meter, panel: Panel, plan: RowPlan
) -> None:
    value = getattr(panel, meter.field)
    if value is None:
        return
    (left, top), right = corner, corner[0] + min(_inner(plan.width), _MOST_BAR)
    draw_text(pixels, (left, top + 22), meter.label, _LABEL)
    number = f"{value:.2f}" if math.isfinite(value) else "n/a"
    draw_text(pixels, (right, top + 22), number, _VALUE, "r")
    bar = top + 31
    shapes.rounded(pixels, (left, bar, right, bar + _BAR), _BAR / 2, MAT)
    share = min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0
    if share > 0:
        end = left + max((right - left) * share, _BAR)
        color = ACCENT if panel.winner else QUIET
        shapes.rounded(pixels, (left, bar, end, bar + _BAR), _BAR / 2, color)


def _draw_winner(pixels: NDArray[np.uint8], box: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = box
    shapes.frame(pixels, (x0 - 2, y0 - 2, x1 + 2, y1 + 2), RADIUS + 2, 5, ACCENT)
    center = (x1 - PAD - 2.0, y0 + PAD + 2.0)
    shapes.disc(pixels, center, 23, WHITE)
    shapes.disc(pixels, center, 20, ACCENT)
    shapes.check(pixels, center, 20, WHITE)
