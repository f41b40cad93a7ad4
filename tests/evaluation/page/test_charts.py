from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.evaluation.page import Chart, Series
from biprompt.evaluation.page.charts import chart_html, chart_svg

CHART = Chart(
    "IoU of `compact`",
    "clicks",
    "mean IoU",
    (
        Series("`compact`", (1.0, 2.0, 3.0), (0.5, 0.75, 0.9), (0.4, 0.7, 0.8), (0.6, 0.8, 1.0)),
        Series("a <circle>", (1.0, 2.0), (0.25, math.nan)),
    ),
    marks=((3.0, 0.9, "**enough**"),),
)


def test_the_title_is_a_caption_and_series_are_in_the_legend() -> None:
    html = chart_html(CHART)
    assert html.startswith('<figure class="chart"><figcaption>IoU of <code>compact</code><')
    legend = re.search(r'<ul class="legend">.*?</ul>', html)
    assert legend is not None and legend[0].count("<li>") == 2
    assert "<code>compact</code>" in legend[0] and "a &lt;circle&gt;" in legend[0]
    alone = chart_html(Chart("t", "x", "y", CHART.series[:1]))
    assert "legend" not in alone


def test_a_chart_is_drawn_for_screens_and_for_phones() -> None:
    wide, narrow = re.findall(r'<svg viewBox="0 0 (\d+) \d+"[^>]*role="img"', chart_html(CHART))
    assert int(wide) == 704 and int(narrow) < 360


def test_numbers_are_there_as_a_table() -> None:
    table = re.sub(r"<[^>]+>", " ", chart_html(CHART).split("<details>")[1]).split()
    assert " ".join(table) == (
        "Numbers clicks compact a &lt;circle&gt; 1 0.500 [0.400, 0.600] 0.250 "
        "2 0.750 [0.700, 0.800] &ndash; 3 0.900 [0.800, 1.000] &ndash;"
    )


def test_a_chart_is_told_in_words() -> None:
    assert (
        'aria-label="Line chart: IoU of compact. mean IoU by clicks. '
        "compact: 0.500 at 1, 0.900 at 3. a &lt;circle&gt;: 0.250 at 1. "
        'Marked at 3, 0.900: enough."'
    ) in chart_svg(CHART)
    nothing = Chart("t", "x", "y", (Series("a", ("b",), (math.nan,)),), kind="bar")
    assert 'aria-label="Bar chart: t. y by x. a: no number."' in chart_svg(nothing)


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_drawings_hold_no_markup_and_are_the_same_each_time(kind: str) -> None:
    series = Series("s", ("`a`", "<b>", "**c**"), (0.1, 0.2, 0.3))
    chart = Chart("t", "`x`", "**y**", (series,), kind=kind)  # type: ignore[arg-type]
    svg = chart_svg(chart)
    assert "`" not in svg and "**" not in svg and "<b>" not in svg
    assert svg == chart_svg(chart) and chart_html(chart) == chart_html(chart)


NUMBERS = st.one_of(st.just(math.nan), st.just(math.inf), st.floats(-1e9, 1e9), st.floats(0, 1))
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@st.composite
def some_series(draw: Any) -> Series:
    count = draw(st.integers(0, 6))

    def some(values: Any) -> Any:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    x = some(draw(st.sampled_from([NUMBERS, NAMES])))
    ends = (some(NUMBERS), some(NUMBERS)) if draw(st.booleans()) else ((), ())
    return Series(draw(NAMES), x, some(NUMBERS), *ends)


@settings(max_examples=60, deadline=None)
@given(
    series=st.lists(some_series(), max_size=4),
    kind=st.sampled_from(["line", "bar"]),
    y_range=st.sampled_from([None, (0.0, 1.0)]),
    width=st.sampled_from([342.0, 704.0]),
)
def test_whatever_was_measured_is_drawn_inside(
    series: list[Series], kind: Any, y_range: Any, width: float
) -> None:
    chart = Chart("t", "x", "y", tuple(series), kind, y_range)
    svg = ElementTree.fromstring(chart_svg(chart, width))
    height = float(svg.get("height", 0))
    for each in svg.iter():
        for name, most in (("x1", width), ("x2", width), ("y1", height), ("y2", height)):
            assert -0.01 <= float(each.get(name, 0)) <= most + 0.01
        assert not re.search("nan|inf", each.get("d", "") + each.get("x", "") + each.get("y", ""))
        assert float(each.get("height", 0)) >= 0 and float(each.get("width", 0)) >= 0
