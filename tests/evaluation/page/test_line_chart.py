from __future__ import annotations

import math
import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from biprompt.evaluation.page import Chart, Series
from biprompt.evaluation.page.line_chart import line_chart

NAN = math.nan


def drawn(*series: Series, width: float = 704, **more: object) -> Element:
    chart = Chart("Title", "clicks", "IoU", series, **more)  # type: ignore[arg-type]
    return ElementTree.fromstring(line_chart(chart, width, "said"))


def of(svg: Element, kind: str) -> list[Element]:
    return [each for each in svg.iter() if kind in each.get("class", "").split()]


def numbers(path: str) -> list[list[tuple[float, float]]]:
    """The points of each piece of a path."""
    pieces = [re.findall(r"(-?[\d.]+) (-?[\d.]+)", piece) for piece in path.split("M")[1:]]
    return [[(float(x), float(y)) for x, y in piece] for piece in pieces]


def labels(svg: Element) -> list[str]:
    return [each.text or "" for each in of(svg, "tick")]


def test_points_lie_where_they_should() -> None:
    svg = drawn(Series("a", (0.0, 1.0, 2.0), (0.0, 0.5, 1.0)))
    (line,) = of(svg, "line")
    ((x0, y0), (x1, y1), (x2, y2)) = numbers(line.get("d", ""))[0]
    grid = {each.get("y1"): each for each in of(svg, "grid")}
    assert {f"{y0:g}", f"{y2:g}"} <= set(grid) and len(grid) == 6
    assert x1 - x0 == pytest.approx(x2 - x1) and y1 == pytest.approx((y0 + y2) / 2)
    assert y2 < y0 and svg.get("aria-label") == "said"
    assert len(of(svg, "dot")) == 3


def test_a_missing_number_is_a_gap() -> None:
    svg = drawn(Series("a", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), (0.1, 0.2, NAN, 0.4, NAN, 0.6)))
    (line,) = of(svg, "line")
    assert [len(piece) for piece in numbers(line.get("d", ""))] == [2]
    assert len(of(svg, "dot")) == 4


def test_a_lonely_point_of_a_long_line_is_seen() -> None:
    heights = [0.5] * 40
    heights[4] = heights[6] = NAN
    svg = drawn(Series("a", tuple(map(float, range(40))), tuple(heights)))
    assert len(of(svg, "dot")) == 1
    assert [len(piece) for piece in numbers(of(svg, "line")[0].get("d", ""))] == [4, 33]


def test_intervals_are_bands_with_the_same_gaps() -> None:
    series = Series(
        "a", (1.0, 2.0, 3.0, 4.0), (0.5,) * 4, (0.4, 0.3, NAN, 0.2), (0.6, 0.7, 0.8, 0.9)
    )
    svg = drawn(series)
    (band,) = of(svg, "band")
    ((high1, high2, low2, low1),) = numbers(band.get("d", ""))
    assert high1[0] == low1[0] and high2[0] == low2[0]
    middle = numbers(of(svg, "line")[-1].get("d", ""))[0][0][1]
    assert low1[1] - middle == pytest.approx(middle - high1[1], abs=0.02)
    alone = numbers(of(svg, "line")[0].get("d", ""))[0]
    assert len(alone) == 2 and alone[0][0] == alone[1][0]


def test_whole_numbers_are_ticks_where_they_have_room() -> None:
    clicks = Series("a", tuple(map(float, range(1, 21))), (0.5,) * 20)
    assert labels(drawn(clicks))[-20:] == [str(k) for k in range(1, 21)]
    assert labels(drawn(clicks, width=342))[-4:] == ["5", "10", "15", "20"]
    shares = Series("a", (0.0, 0.3, 1.0), (0.5,) * 3)
    assert labels(drawn(shares))[-6:] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]


def test_names_stand_a_step_apart() -> None:
    svg = drawn(
        Series("a", ("low", "mid", "high"), (0.1, 0.2, 0.3)), Series("b", ("high",), (1.0,))
    )
    assert labels(svg)[-3:] == ["low", "mid", "high"]
    last = numbers(of(svg, "line")[0].get("d", ""))[0][2]
    dot = next(each for each in of(svg, "dot") if "s1" in each.get("class", ""))
    assert numbers(dot.get("d", ""))[0][0][0] == pytest.approx(last[0] - 3)


def test_the_axis_holds_what_lies_outside_its_range() -> None:
    svg = drawn(Series("a", (1.0, 2.0), (0.5, 1.5)))
    box = float(svg.get("height", 0))
    assert all(0 < y < box for _, y in numbers(of(svg, "line")[0].get("d", ""))[0])
    assert "1.5" in labels(svg)
    fitted = drawn(Series("a", (1.0, 2.0), (0.011, 0.0175)), y_range=None)
    assert labels(fitted)[:5] == ["0.010", "0.012", "0.014", "0.016", "0.018"]


def test_a_mark_is_a_ring_on_its_place_with_its_words() -> None:
    series = Series("a", (0.0, 1.0), (0.0, 1.0))
    svg = drawn(series, marks=((0.5, 0.5, "half"), (0.5, 0.5, "the same")))
    ring, _ = of(svg, "ring")
    ((x0, y0), (x1, y1)) = numbers(of(svg, "line")[0].get("d", ""))[0]
    assert float(ring.get("cx", 0)) == pytest.approx((x0 + x1) / 2, abs=0.02)
    assert float(ring.get("cy", 0)) == pytest.approx((y0 + y1) / 2, abs=0.02)
    first, second = of(svg, "mark")
    assert (first.text, second.text) == ("half", "the same")
    assert (first.get("x"), first.get("y")) != (second.get("x"), second.get("y"))


def test_nothing_to_draw_is_an_empty_field() -> None:
    for series in ((), (Series("a", (), ()),), (Series("a", (1.0,), (NAN,)),)):
        svg = drawn(*series)
        assert len(of(svg, "grid")) == 6 and not of(svg, "dot")
