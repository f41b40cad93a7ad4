"""What charts of both kinds share: the field, the axis of the numbers, marks, colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from biprompt.evaluation.page.blocks import Chart, Series
from biprompt.evaluation.page.scales import fitted, span
from biprompt.evaluation.page.svg import FONT, Point, element, text, text_width, wrap

LINE = 15.0
"""From one line of text to the next, in pixels."""

TICKS = 5
"""Most steps of the axis of numbers."""

COLOURS = 6
"""How many the style sheet has; further series take them again."""


@dataclass(frozen=True, slots=True)
class Box:
    """The field of a chart, in pixels from the upper left corner of the drawing."""

    left: float
    top: float
    right: float
    bottom: float


def colour(index: int) -> str:
    """Return the class that gives a series its colour."""
    return f"s{index % COLOURS}"


def numbers_of(series: Series) -> Iterator[float]:
    """Yield every height of a series and every end of its intervals."""
    yield from (*series.y, *series.low, *series.high)


def value_range(chart: Chart) -> tuple[float, float]:
    """Return the ends of the axis of numbers: those asked for, or wider to hold all there is.

    Bars that nothing was asked for stand on 0.
    """
    shown = [each[1] for each in chart.marks]
    shown += [value for series in chart.series for value in numbers_of(series)]
    if chart.y_range is None:
        return fitted(*span([*shown, 0.0] if chart.kind == "bar" else shown), TICKS)
    finite = [value for value in shown if math.isfinite(value)]
    return min(chart.y_range[0], *finite, math.inf), max(chart.y_range[1], *finite, -math.inf)


def finite_runs(*columns: Sequence[float]) -> list[list[int]]:
    """Return the places where every column has a number, cut where one has none."""
    runs: list[list[int]] = [[]]
    for place, values in enumerate(zip(*columns, strict=True)):
        if all(map(math.isfinite, values)):
            runs[-1].append(place)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def drawing(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """Return a whole `<svg>`, as large on the page as it is drawn.

    Args:
        width: in pixels.
        height: in pixels.
        label: what it shows, for those who cannot see it.
        parts: finished elements.
    """
    view = f"0 0 {width:g} {height:g}"
    return element(
        "svg", *parts, viewBox=view, width=width, height=height, role="img", aria_label=label
    )


def draw_marks(
    places: Sequence[tuple[Point, str]], box: Box, lines: Iterable[Sequence[Point]] = ()
) -> Iterator[str]:
    """Yield rings with their words beside them, where they hide least.

    Args:
        places: ((x, y) in pixels, words).
        box: the field, which the words stay in where there is room.
        lines: what is drawn in it, as points in pixels.
    """
    hidden = [point for line in lines for point in _along(line)]
    taken: list[Box] = []
    for point, words in places:
        spots = list(_spots(point, words, box))
        costs = [_cost(spot, box, hidden, taken) for spot, _ in spots]
        spot, rows = spots[costs.index(min(costs))]
        taken.append(spot)
        yield element("circle", cx=point[0], cy=point[1], r=5, class_="ring")
        on_left = spot.right < point[0]
        for number, each in enumerate(rows):
            y = spot.top + FONT + number * LINE
            x, anchor = (spot.right, "end") if on_left else (spot.left, "")
            yield text(each, x, y, class_="mark", text_anchor=anchor)


def _along(line: Sequence[Point]) -> Iterator[Point]:
    for (x0, y0), (x1, y1) in pairwise(line):
        count = math.ceil(math.hypot(x1 - x0, y1 - y0) / 4)
        for step in range(count):
            yield x0 + (x1 - x0) * step / count, y0 + (y1 - y0) * step / count


def _spots(point: Point, words: str, box: Box) -> Iterator[tuple[Box, list[str]]]:
    """Yield where the words of a mark may stand, and their lines there."""
    x, y = point
    for off in (8.0, 26.0):
        for above in (True, False):
            for room in (box.right - x - 9, x - 9 - box.left):
                rows = wrap(words, max(80.0, room))
                width, height = max(map(text_width, rows)), LINE * len(rows)
                left = x + 9 if room == box.right - x - 9 else x - 9 - width
                top = y - off - height if above else y + off
                yield Box(left, top, left + width, top + height), rows


def _cost(spot: Box, box: Box, hidden: Iterable[Point], taken: Sequence[Box]) -> int:
    outside = spot.left < box.left or spot.right > box.right + 8
    outside |= spot.top < box.top - 6 or spot.bottom > box.bottom
    inside = sum(
        spot.left - 3 < x < spot.right + 3 and spot.top - 2 < y < spot.bottom + 2 for x, y in hidden
    )
    return inside + 10_000 * outside + 1_000_000 * sum(_overlap(spot, each) for each in taken)


def _overlap(one: Box, other: Box) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom
