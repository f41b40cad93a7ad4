"""Lines over numbers or names, with bands for intervals and gaps where a number is missing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from biprompt.evaluation.page.blocks import Chart, Series
from biprompt.evaluation.page.plot import (
    TICKS,
    Box,
    colour,
    draw_marks,
    drawing,
    finite_runs,
    value_range,
)
from biprompt.evaluation.page.scales import Scale, nice_step, span, ticks
from biprompt.evaluation.page.svg import Point, coordinate, element, line, path, text, text_width

MARKERS = 30
"""A line of more points is drawn without markers, and told from others by its dashes."""

_DASHES = ("", "7 4", "2 3", "10 3 2 3", "5 2", "1 4")
_EDGE = 8.0
"""Room between the ends of the x axis and the first and last point."""


@dataclass(frozen=True, slots=True)
class _Field:
    box: Box
    x: Scale
    y: Scale
    names: Mapping[str, int]

    def points(self, series: Series, heights: Sequence[float]) -> list[Point]:
        return [
            (self.x(place), self.y(height))
            for place, height in zip(_places(series, self.names), heights, strict=True)
        ]

    def lines(self, series: Series) -> list[list[Point]]:
        points = self.points(series, series.y)
        runs = finite_runs(_places(series, self.names), series.y)
        return [[points[place] for place in run] for run in runs]


def line_chart(chart: Chart, width: float, label: str) -> str:
    """Return a line chart as `<svg>`, for a page that has the classes of `style.css`.

    Args:
        chart: what to draw; names along x stand one step apart.
        width: in pixels; the height follows.
        label: what it shows, for those who cannot see it.
    """
    height = round(120 + 0.34 * width)
    low, high = value_range(chart)
    step = nice_step(low, high, TICKS)
    values = [(value, step.label(value)) for value in ticks(low, high, step)]
    left = max(text_width(name) for _, name in values) + 8
    box = Box(left, 24, width - 8, height - 40)
    names = _names(chart)
    along = [mark[0] for mark in chart.marks]
    along += [place for series in chart.series for place in _places(series, names)]
    last = text_width(list(names)[-1] if names else f"{span(along)[1]:g}") / 2
    x = Scale(*span(along), box.left + _EDGE, box.right - max(_EDGE, last - _EDGE))
    field = _Field(box, x, Scale(low, high, box.bottom, box.top), names)
    parts = [
        *_grid(field, values),
        *_x_axis(field, along),
        text(chart.y_label, 0, 11, class_="label"),
        text(chart.x_label, box.right, height - 5, class_="label", text_anchor="end"),
    ]
    drawn = list(enumerate(chart.series))
    parts += [part for index, series in drawn for part in _interval(field, series, index)]
    parts += [part for index, series in drawn for part in _line(field, series, index)]
    marks = [((field.x(x), field.y(y)), words) for x, y, words in chart.marks]
    lines = [line for series in chart.series for line in field.lines(series)]
    return drawing(width, height, label, [*parts, *draw_marks(marks, box, lines)])


def swatch(index: int, series: Series) -> str:
    """Return the sample of a line for the legend."""
    few = len(series.x) <= MARKERS
    dash = "" if few else _DASHES[index % len(_DASHES)]
    parts = [line((0, 6), (28, 6), class_="line", stroke_dasharray=dash)]
    parts += [_marker(index, 14, 6)] if few else []
    return element(
        "svg", *parts, viewBox="0 0 28 12", width=28, height=12, class_=colour(index),
        aria_hidden="true",
    )  # fmt: skip


def _names(chart: Chart) -> dict[str, int]:
    """Names along x in the order in which they first appear."""
    every = (name for series in chart.series for name in series.x if isinstance(name, str))
    return {name: place for place, name in enumerate(dict.fromkeys(every))}


def _places(series: Series, names: Mapping[str, int]) -> list[float]:
    return [float(names[x] if isinstance(x, str) else x) for x in series.x]


def _grid(field: _Field, values: Sequence[tuple[float, str]]) -> Iterator[str]:
    box = field.box
    for value, name in values:
        y = field.y(value)
        yield line((box.left, y), (box.right, y), class_="grid")
        yield text(name, box.left - 7, y + 4, class_="tick", text_anchor="end")


def _x_axis(field: _Field, along: Sequence[float]) -> Iterator[str]:
    box = field.box
    yield line((box.left, box.bottom), (box.right, box.bottom), class_="axis")
    for value, name in _x_ticks(field, along):
        x = field.x(value)
        yield line((x, box.bottom), (x, box.bottom + 4), class_="axis")
        yield text(name, x, box.bottom + 17, class_="tick", text_anchor="middle")


def _x_ticks(field: _Field, along: Sequence[float]) -> list[tuple[float, str]]:
    if field.names:
        return _thinned([(place, name) for name, place in field.names.items()], field.x)
    whole = sorted({value for value in along if math.isfinite(value)})
    if all(value == int(value) for value in whole):
        every = [(value, f"{value:.0f}") for value in whole]
        if len(_thinned(every, field.x)) == len(every):
            return every
    step = nice_step(field.x.low, field.x.high, max(2, int((field.x.end - field.x.start) // 70)))
    found = ticks(field.x.low, field.x.high, step)
    return _thinned([(value, step.label(value)) for value in found], field.x)


def _thinned(every: list[tuple[float, str]], x: Scale) -> list[tuple[float, str]]:
    """Leave out every second label until none touches the next."""
    ends = [(x(value), text_width(name) / 2 + 5) for value, name in every]
    if all(b - a >= half_a + half_b for (a, half_a), (b, half_b) in pairwise(ends)):
        return every
    return _thinned(every[::2], x)


def _interval(field: _Field, series: Series, index: int) -> Iterator[str]:
    if not (series.low and series.high):
        return
    low, high = field.points(series, series.low), field.points(series, series.high)
    for run in finite_runs(_places(series, field.names), series.low, series.high):
        ends = [low[place] for place in run], [high[place] for place in run]
        if len(run) == 1:
            yield element("path", d=path([*ends[0], *ends[1]]), class_=f"line {colour(index)}")
        else:
            closed = path([*ends[1], *reversed(ends[0])], closed=True)
            yield element("path", d=closed, class_=f"band {colour(index)}")


def _line(field: _Field, series: Series, index: int) -> Iterator[str]:
    lines = field.lines(series)
    few = len(series.x) <= MARKERS
    shape = "".join(path(points) for points in lines if len(points) > 1)
    dash = "" if few else _DASHES[index % len(_DASHES)]
    if shape:
        yield element("path", d=shape, class_=f"line {colour(index)}", stroke_dasharray=dash)
    for points in lines:
        if few or len(points) == 1:
            yield from (_marker(index, *point) for point in points)


def _marker(index: int, x: float, y: float) -> str:
    """A shape of its own for each series, for those who cannot tell the colours."""
    corners = _MARKERS[index % len(_MARKERS)]
    kind = f"dot {colour(index)}"
    if not corners:
        return element("circle", cx=x, cy=y, r=3.2, class_=kind)
    d = "L".join(f"{coordinate(x + dx)} {coordinate(y + dy)}" for dx, dy in corners)
    return element("path", d=f"M{d}Z", class_=kind)


_MARKERS: tuple[tuple[Point, ...], ...] = (
    (),
    ((-3, -3), (3, -3), (3, 3), (-3, 3)),
    ((0, -4), (3.8, 2.8), (-3.8, 2.8)),
    ((0, -4.2), (4.2, 0), (0, 4.2), (-4.2, 0)),
    ((0, 4), (3.8, -2.8), (-3.8, -2.8)),
    (
        (-1.3, -4),
        (1.3, -4),
        (1.3, -1.3),
        (4, -1.3),
        (4, 1.3),
        (1.3, 1.3),
        (1.3, 4),
        (-1.3, 4),
        (-1.3, 1.3),
        (-4, 1.3),
        (-4, -1.3),
        (-1.3, -1.3),
    ),
)
