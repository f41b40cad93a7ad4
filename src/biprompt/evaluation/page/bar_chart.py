"""Bars over names, side by side for several series, upright or lying where names are long."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from biprompt.evaluation.page.blocks import Chart, Series
from biprompt.evaluation.page.plot import (
    LINE,
    TICKS,
    Box,
    colour,
    draw_marks,
    drawing,
    value_range,
)
from biprompt.evaluation.page.scales import Scale, Step, nice_step, ticks
from biprompt.evaluation.page.svg import Point, element, line, text, text_width, wrap

_THICKEST = 40.0
_THINNEST = 7.0
_LYING = 14.0
"""Thickness of a lying bar."""


@dataclass(frozen=True, slots=True)
class _Field:
    """Where bars lie: `slot` pixels along for each name, `scale` for the numbers."""

    box: Box
    lying: bool
    slot: float
    bar: float
    series: int
    scale: Scale
    step: Step

    def point(self, along: float, up: float) -> Point:
        return (up, along) if self.lying else (along, up)

    def middle(self, place: float) -> float:
        start = self.box.top if self.lying else self.box.left
        return start + (place + 0.5) * self.slot

    def bar_middle(self, place: int, index: int) -> float:
        return self.middle(place) + (index - (self.series - 1) / 2) * self.bar

    def base(self) -> float:
        return self.scale(min(max(0.0, self.scale.low), self.scale.high))


def bar_chart(chart: Chart, width: float, label: str) -> str:
    """Return a bar chart as `<svg>`, for a page that has the classes of `style.css`.

    Args:
        chart: what to draw; the x of a mark counts names from 0.
        width: in pixels; the height follows.
        label: what it shows, for those who cannot see it.
    """
    names = bar_names(chart)
    upright = _upright(chart, names, width)
    field = upright if _fits(upright, names) else _lying(chart, names, width)
    height = field.box.bottom + (40 if field.lying else 22 + LINE * _most_lines(field, names))
    parts = [*_grid(field), *_names(field, names), *_labels(chart, field, width, height)]
    for index, series in enumerate(chart.series):
        parts += _bars(field, series, index, names)
    base = field.base()
    ends = (0.0, len(names) * field.slot)
    start = field.middle(-0.5)
    parts.append(line(*(field.point(start + end, base) for end in ends), class_="axis"))
    marks = [(field.point(field.middle(x), field.scale(y)), words) for x, y, words in chart.marks]
    return drawing(width, height, label, [*parts, *draw_marks(marks, field.box)])


def bar_names(chart: Chart) -> list[str]:
    """Return the names along a chart in the order in which they first appear."""
    return list(dict.fromkeys(name for series in chart.series for name in names_of(series)))


def names_of(series: Series) -> list[str]:
    """Return the places of a series along its chart as names."""
    return [x if isinstance(x, str) else f"{x:g}" for x in series.x]


def swatch(index: int) -> str:
    """Return the sample of a bar for the legend."""
    box = element("rect", x=0, y=0, width=12, height=12, class_="bar")
    return element(
        "svg", box, viewBox="0 0 12 12", width=12, height=12, class_=colour(index),
        aria_hidden="true",
    )  # fmt: skip


def _upright(chart: Chart, names: Sequence[str], width: float) -> _Field:
    low, high = value_range(chart)
    step = nice_step(low, high, TICKS)
    left = max(text_width(step.label(value)) for value in ticks(low, high, step)) + 8
    box = Box(left, 36, width - 8, round(100 + 0.3 * width))
    slot = (box.right - box.left) / max(1, len(names))
    bar = min(_THICKEST, 0.78 * slot / max(1, len(chart.series)))
    scale = Scale(low, high, box.bottom, box.top)
    return _Field(box, False, slot, bar, len(chart.series), scale, step)


def _lying(chart: Chart, names: Sequence[str], width: float) -> _Field:
    low, high = value_range(chart)
    column = min(0.4 * width, max((text_width(name) for name in names), default=0.0)) + 10
    box = Box(column, 24, width - 50, 0)
    lines = max((len(wrap(name, column - 10)) for name in names), default=1)
    slot = max(len(chart.series) * _LYING + 10, lines * LINE + 8)
    box = Box(box.left, box.top, box.right, box.top + slot * len(names))
    step = nice_step(low, high, max(2, int((box.right - box.left) // 80)))
    scale = Scale(low, high, box.left, box.right)
    return _Field(box, True, slot, _LYING, len(chart.series), scale, step)


def _fits(field: _Field, names: Sequence[str]) -> bool:
    """Whether names stand below upright bars in two lines at most, and bars are not too thin."""
    widest = max((text_width(word) for name in names for word in name.split()), default=0.0)
    return field.bar >= _THINNEST and widest <= field.slot - 6 and _most_lines(field, names) <= 2


def _most_lines(field: _Field, names: Sequence[str]) -> int:
    return max((len(wrap(name, field.slot - 6)) for name in names), default=1)


def _grid(field: _Field) -> Iterator[str]:
    box, scale = field.box, field.scale
    across = (box.top, box.bottom) if field.lying else (box.left, box.right)
    for value in ticks(scale.low, scale.high, field.step):
        at = scale(value)
        yield line(*(field.point(end, at) for end in across), class_="grid")
        spot = (at, box.bottom + 16) if field.lying else (box.left - 7, at + 4)
        anchor = "middle" if field.lying else "end"
        yield text(field.step.label(value), *spot, class_="tick", text_anchor=anchor)


def _names(field: _Field, names: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(names):
        middle = field.middle(place)
        room = field.box.left - 10 if field.lying else field.slot - 6
        lines = wrap(name, room)
        top = middle - LINE * len(lines) / 2 if field.lying else field.box.bottom + 4
        spot, anchor = (field.box.left - 8, "end") if field.lying else (middle, "middle")
        for number, words in enumerate(lines):
            yield text(words, spot, top + 11.5 + number * LINE, class_="name", text_anchor=anchor)


def _labels(chart: Chart, field: _Field, width: float, height: float) -> Iterator[str]:
    across, up = (chart.y_label, chart.x_label) if field.lying else (chart.x_label, chart.y_label)
    yield text(up, 0, 11, class_="label")
    yield text(across, field.box.right, height - 5, class_="label", text_anchor="end")


def _bars(field: _Field, series: Series, index: int, names: Sequence[str]) -> Iterator[str]:
    for number, (name, y) in enumerate(zip(names_of(series), series.y, strict=True)):
        along = field.bar_middle(names.index(name), index)
        if not math.isfinite(y):
            yield from _value(field, along, "-", field.base())
            continue
        yield _bar(field, along, y, index)
        ends = (*series.low[number : number + 1], *series.high[number : number + 1])
        known = ends if len(ends) == 2 and all(map(math.isfinite, ends)) else ()
        if known:
            yield from _whisker(field, along, *known)
        yield from _value(field, along, field.step.number(y), field.scale(max(0.0, y, *known)))


def _bar(field: _Field, along: float, y: float, index: int) -> str:
    half = field.bar / 2 - min(1.0, field.bar * 0.06)
    corners = field.point(along - half, field.scale(y)), field.point(along + half, field.base())
    (x0, x1), (y0, y1) = (sorted(pair) for pair in zip(*corners, strict=True))
    kind = f"bar {colour(index)}"
    return element("rect", x=x0, y=y0, width=x1 - x0, height=y1 - y0, class_=kind)


def _whisker(field: _Field, along: float, low: float, high: float) -> Iterator[str]:
    ends, half = (field.scale(low), field.scale(high)), min(4.0, field.bar / 4)
    yield line(*(field.point(along, end) for end in ends), class_="whisker")
    for end in ends:
        cap = field.point(along - half, end), field.point(along + half, end)
        yield line(*cap, class_="whisker")


def _value(field: _Field, along: float, words: str, at: float) -> Iterator[str]:
    """The number beyond the end of a bar, where there is room for it; a dash for none."""
    if field.lying:
        yield text(words, at + 6, along + 4, class_="value")
    elif text_width(words) <= max(field.bar, 0.9 * field.slot / field.series):
        yield text(words, along, at - 5, class_="value", text_anchor="middle")
