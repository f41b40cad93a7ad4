"""A chart as a figure: title, legend, drawing, and its numbers as a table for who wants them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from biprompt.evaluation.page.bar_chart import bar_chart, bar_names, names_of
from biprompt.evaluation.page.bar_chart import swatch as bar_swatch
from biprompt.evaluation.page.blocks import Chart, Series, Table
from biprompt.evaluation.page.inline import inline_html, plain
from biprompt.evaluation.page.line_chart import line_chart
from biprompt.evaluation.page.line_chart import swatch as line_swatch
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
    return draw(chart, width, _label(chart))


def _label(chart: Chart) -> str:
    """What a chart shows in words."""
    kind = "Line chart" if chart.kind == "line" else "Bar chart"
    said = [f"{kind}: {chart.title}. {chart.y_label} by {chart.x_label}."]
    said += filter(None, (_ends(series) for series in chart.series))
    said += [f"{words} at {x:g}, {_number(y)}." for x, y, words in chart.marks]
    return plain(" ".join(said))


def _ends(series: Series) -> str:
    known = [(x, y) for x, y in zip(names_of(series), series.y, strict=True) if math.isfinite(y)]
    if not known:
        return f"{series.name}: no number."
    (x0, y0), (x1, y1) = known[0], known[-1]
    first = f"{series.name}: {_number(y0)} at {x0}"
    return f"{first}." if len(known) == 1 else f"{first}, {_number(y1)} at {x1}."


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
    cells = [dict(_cells(series)) for series in chart.series]
    rows = ((name, *(each.get(name, "-") for each in cells)) for name in bar_names(chart))
    return Table(header, tuple(rows))


def _cells(series: Series) -> Iterator[tuple[str, str]]:
    """Numbers with their intervals by the name of their place."""
    intervals = zip(series.low, series.high, strict=True) if series.low and series.high else ()
    written = [f" [{_number(low)}, {_number(high)}]" for low, high in intervals]
    for number, (x, y) in enumerate(zip(names_of(series), series.y, strict=True)):
        interval = written[number] if written and math.isfinite(y) else ""
        yield x, f"{_number(y)}{interval}"


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "-"
