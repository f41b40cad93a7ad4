"""The selection card: candidates side by side, what the words outline, and which one won."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.draw import shapes
from biprompt.io.draw.overlay import check_pair
from biprompt.io.draw.palette import ACCENT, INK, INK_SOFT, PAPER, WHITE
from biprompt.io.draw.panel import PAD, Meter, Panel, RowPlan, draw_panel
from biprompt.io.draw.text import Style, draw_text, text_width, wrap
from biprompt.io.draw.view import Region, View, region_of_interest
from biprompt.prompts import Prompt

MARGIN = 52
GAP = 24
_WIDTHS = {1: 860, 2: 1120}
_WIDTH = 1400
_MOST_COLUMNS = 4
_LEAST_PICTURE = 84
_MOST_PICTURE = 540
_BADGE = Style(17, WHITE, strong=True)
_REASON = Style(21, INK_SOFT)
_FOOTER = Style(16, INK_SOFT)


@dataclass(frozen=True, slots=True)
class _Grid:
    columns: int
    panel_width: int
    thumbnail: tuple[int, int]
    card_width: int


def card_image(
    image: NDArray[np.uint8],
    panels: Sequence[Panel],
    headline: str,
    *,
    badge: str | None = None,
    positive: bool = True,
    reason: str = "",
    footer: str = "",
    prompt: Prompt | None = None,
    similarity_label: str = "Agreement with the words",
    score_label: str = "Predicted IoU",
) -> NDArray[np.uint8]:
    """Draw the selection card.

    Every panel shows the same part of the photograph: all of it, or, when the masks and marks are
    small, the part around them; the footer then says so. Every text is wrapped, none is cut.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        panels: at least one, in reading order; masks in the frame of the image.
        headline: what was asked, or what was found.
        badge: the verdict in a word or two, shown above the headline; None shows none.
        positive: colour the badge as an answer; False for an honest no.
        reason: one or two sentences below the headline.
        footer: small print below the panels.
        prompt: marked on every picture; None marks nothing.
        similarity_label: name of the bar for `Panel.similarity`.
        score_label: name of the bar for `Panel.score`.

    Returns:
        `(h, w, 3)` uint8 RGB; w is 1400 for three panels and more, less for fewer.

    Raises:
        InputError: no panel, an image of another shape or dtype, or a mask of another size.
    """
    if not panels:
        raise InputError("panels", expected="at least one", actual="none")
    for panel in panels:
        check_pair(image, panel.mask)
    masks = [panel.mask for panel in panels if panel.mask is not None]
    region = region_of_interest((image.shape[0], image.shape[1]), masks, prompt)
    grid = _grid(len(panels), region)
    head = _Header(headline, badge, positive, reason, grid.card_width)
    foot = wrap(_with_view_note(footer, region, image), _FOOTER, grid.card_width - 2 * MARGIN)
    rows = [list(panels[i : i + grid.columns]) for i in range(0, len(panels), grid.columns)]
    meters = Meter("similarity", similarity_label), Meter("score", score_label)
    plans = [RowPlan.of(row, grid.panel_width, grid.thumbnail[1], meters) for row in rows]
    height = head.height + sum(plan.height + GAP for plan in plans) - GAP + _foot_height(foot)
    pixels = np.full((height, grid.card_width, 3), PAPER, dtype=np.uint8)
    head.draw(pixels)
    view = View.of(image, region, grid.thumbnail, prompt)
    top = head.height
    for row, plan in zip(rows, plans, strict=True):
        _draw_row(pixels, top, row, plan, view)
        top += plan.height + GAP
    _draw_footer(pixels, top - GAP, foot)
    return pixels


@dataclass(frozen=True, slots=True)
class _Header:
    headline: str
    badge: str | None
    positive: bool
    reason: str
    width: int

    @property
    def style(self) -> Style:
        # A long phrase is set smaller, so that the pictures stay on the first screen.
        size = 36 if len(self.headline) <= 70 else 28 if len(self.headline) <= 180 else 21
        return Style(size, INK, strong=True)

    @property
    def headline_lines(self) -> list[str]:
        return wrap(self.headline, self.style, self.width - 2 * MARGIN)

    @property
    def reason_lines(self) -> list[str]:
        # Short lines are easier to read than ones across the whole card.
        return wrap(self.reason, _REASON, min(self.width - 2 * MARGIN, 1000))

    @property
    def height(self) -> int:
        badge = 34 + 20 if self.badge else 0
        head = len(self.headline_lines) * self.style.line_height
        reason = len(self.reason_lines) * _REASON.line_height + (12 if self.reason_lines else 0)
        return MARGIN + badge + head + reason + 28

    def draw(self, pixels: NDArray[np.uint8]) -> None:
        top = MARGIN
        if self.badge:
            end = MARGIN + text_width(self.badge, _BADGE) + 36
            color = ACCENT if self.positive else INK
            shapes.rounded(pixels, (MARGIN, top, end, top + 34), 17, color)
            draw_text(pixels, ((MARGIN + end) / 2, top + 23), self.badge, _BADGE, "m")
            top += 34 + 20
        for text in self.headline_lines:
            draw_text(pixels, (MARGIN, top + self.style.size), text, self.style)
            top += self.style.line_height
        top += 12
        for text in self.reason_lines:
            draw_text(pixels, (MARGIN, top + _REASON.size), text, _REASON)
            top += _REASON.line_height


def _grid(count: int, region: Region) -> _Grid:
    """Choose columns so that the pictures are large enough, whatever shape they have."""
    x0, y0, x1, y1 = region
    aspect = (x1 - x0) / (y1 - y0)
    room = _WIDTH - 2 * MARGIN + GAP
    most = int(room // (_LEAST_PICTURE * aspect + 2 * PAD + GAP))
    columns = max(min(_MOST_COLUMNS, most, count), 1)
    columns = math.ceil(count / math.ceil(count / columns))
    card_width = _WIDTHS.get(count, _WIDTH) if columns == count else _WIDTH
    panel_width = (card_width - 2 * MARGIN + GAP) // columns - GAP
    width = panel_width - 2 * PAD
    height = min(round(width / aspect), _MOST_PICTURE)
    size = (max(min(width, round(height * aspect)), 1), max(height, 1))
    return _Grid(columns, panel_width, size, card_width)


def _with_view_note(footer: str, region: Region, image: NDArray[np.uint8]) -> str:
    x0, y0, x1, y1 = region
    height, width = image.shape[:2]
    if (x1 - x0, y1 - y0) == (width, height):
        return footer
    note = f"Pictures show {x1 - x0} x {y1 - y0} of {width} x {height} pixels"
    return f"{footer} · {note}" if footer else note


def _foot_height(lines: list[str]) -> int:
    return MARGIN + (len(lines) * _FOOTER.line_height - 8 if lines else 0)


def _draw_row(
    pixels: NDArray[np.uint8], top: int, row: list[Panel], plan: RowPlan, view: View
) -> None:
    for column, panel in enumerate(row):
        corner = (MARGIN + column * (plan.width + GAP), top)
        draw_panel(pixels, corner, panel, view.thumbnail(panel.mask, ACCENT), plan)


def _draw_footer(pixels: NDArray[np.uint8], top: int, lines: list[str]) -> None:
    for number, text in enumerate(lines):
        baseline = top + 20 + _FOOTER.size + number * _FOOTER.line_height
        draw_text(pixels, (MARGIN, baseline), text, _FOOTER)
