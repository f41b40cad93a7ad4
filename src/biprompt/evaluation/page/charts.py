"""A chart as a figure: title, legend, drawing, and its numbers as a table for who wants them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from biprompt.evaluation.page.bar_chart import bar_chart, bar_names, names_of
from biprompt.evaluation.page.bar_chart import swatch as bar_swatch
from biprompt.evaluation.page.blocks import Chart, Series, Table
from biprompt.evaluation.page.inline import inline_html, plain
from biprompt.evaluation.page.line_chart import line_chart
from biprompt.evaluation.page.line_chart import swatch as line_swatch
from biprompt.evaluation.page.plot import TICKS, value_range
from biprompt.evaluation.page.scales import Step, nice_step
from biprompt.evaluation.page.tables import table_html

WIDE = 704
"""Width in pixels of a drawing on a large screen and on paper."""

NARROW = 342
"""Width in pixels of a drawing on a phone, where a wide one could not be read."""


def chart_html(chart: Chart) -> str:
    """Return a chart as `<figure>`: drawn twice, of which the style sheet shows one."""
    parts = [f"<figcaption>{inline_html(chart.title)}</figcaption>", _legend(chart)]
    for kind, width in (("wide", WIDE), ("narrow", NARROW)):
        parts.append(f'<div class="{kind}">{chart_svg(chart, width)}</div>')
    numbers = table_html(_numbers(chart), f"Numbers of: {plain(chart.title)}")
    parts.append(f"<details><summary>Numbers</summary>{numbers}</details>")
    return f'<figure class="chart">{"".join(parts)}</figure>'


def chart_svg(chart: Chart, width: float = WIDE) -> str:
    """Return the drawing of a chart alone; the same bytes for the same chart."""
    draw = line_chart if chart.kind == "line" else bar_chart
    return draw(_without_markup(chart), width, _label(chart))


def _without_markup(chart: Chart) -> Chart:
    """Drawings hold no markup."""
    return replace(
        chart,
        x_label=plain(chart.x_label),
        y_label=plain(chart.y_label),
        series=tuple(replace(each, x=_plain_places(each)) for each in chart.series),
        marks=tuple((x, y, plain(words)) for x, y, words in chart.marks),
    )


def _plain_places(series: Series) -> tuple[float, ...] | tuple[str, ...]:
    if all(isinstance(x, str) for x in series.x):
        return tuple(plain(str(x)) for x in series.x)
    return series.x


def _label(chart: Chart) -> str:
    """What a chart shows in words."""
    kind = "Line chart" if chart.kind == "line" else "Bar chart"
    said = [f"{kind}: {chart.title}. {chart.y_label} by {chart.x_label}."]
    step = _step(chart)
    said += [_ends(series, step) for series in chart.series]
    said += [f"Marked at {x:g}, {step.number(y)}: {words}." for x, y, words in chart.marks]
    return plain(" ".join(said))


def _step(chart: Chart) -> Step:
    return nice_step(*value_range(chart), TICKS)


def _ends(series: Series, step: Step) -> str:
    known = [(x, y) for x, y in zip(names_of(series), series.y, strict=True) if math.isfinite(y)]
    if not known:
        return f"{series.name}: no number."
    (x0, y0), (x1, y1) = known[0], known[-1]
    first = f"{series.name}: {step.number(y0)} at {x0}"
    return f"{first}." if len(known) == 1 else f"{first}, {step.number(y1)} at {x1}."


def _legend(chart: Chart) -> str:
    if len(chart.series) < 2:
        return ""
    items = (
        f"<li>{_swatch(chart, index, series)}{inline_html(series.name)}</li>"
        for index, series in enumerate(chart.series)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def _swatch(chart: Chart, index: int, series: Series) -> str:
    return line_swatch(index, series) if chart.kind == "line" else bar_swatch(index)


def _numbers(chart: Chart) -> Table:
    header = (chart.x_label, *(series.name for series in chart.series))
    step = _step(chart)
    cells = [dict(_cells(series, step)) for series in chart.series]
    rows = ((name, *(each.get(name, "-") for each in cells)) for name in bar_names(chart))
    return Table(header, tuple(rows))


def _cells(series: Series, step: Step) -> Iterator[tuple[str, str]]:
    """Numbers with their intervals by the name of their place."""
    intervals = zip(series.low, series.high, strict=True) if series.low and series.high else ()
    written = [f" [{step.number(low)}, {step.number(high)}]" for low, high in intervals]
    for number, (x, y) in enumerate(zip(names_of(series), series.y, strict=True)):
        interval = written[number] if written and math.isfinite(y) else ""
        yield x, f"{step.number(y)}{interval}"
