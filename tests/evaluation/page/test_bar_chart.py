from __future__ import annotations

import math
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from biprompt.evaluation.page import Chart, Series
from biprompt.evaluation.page.bar_chart import bar_chart

NAN = math.nan
ORGANS = tuple(f"organ number {n} of thirteen" for n in range(13))


def drawn(*series: Series, width: float = 704, **more: object) -> Element:
    chart = Chart("Title", "who", "IoU", series, kind="bar", **more)  # type: ignore[arg-type]
    return ElementTree.fromstring(bar_chart(chart, width, "said"))


def of(svg: Element, kind: str) -> list[Element]:
    return [each for each in svg.iter() if kind in each.get("class", "").split()]


def words(svg: Element, kind: str) -> list[str]:
    return [each.text or "" for each in of(svg, kind)]


def sizes(svg: Element, kind: str) -> list[float]:
    return [float(bar.get(kind, "nan")) for bar in of(svg, "bar")]


def test_upright_bars_are_as_high_as_their_numbers() -> None:
    svg = drawn(Series("a", ("x", "y", "z"), (0.2, 0.8, NAN)))
    low, high = sizes(svg, "height")
    assert high == pytest.approx(4 * low, abs=0.02)
    assert words(svg, "name") == ["x", "y", "z"]
    assert words(svg, "value") == ["0.200", "0.800", "-"]
    left = sizes(svg, "x")
    assert left[1] - left[0] > sizes(svg, "width")[0]


def test_long_or_many_names_lay_bars_down() -> None:
    svg = drawn(Series("a", ORGANS, tuple(0.05 * n for n in range(1, 14))))
    assert len(set(sizes(svg, "x"))) == 1
    widths = sizes(svg, "width")
    assert widths[9] == pytest.approx(10 * widths[0], abs=0.1)
    assert words(svg, "name")[0] == ORGANS[0] and len(of(svg, "value")) == 13
    tops = sizes(svg, "y")
    assert tops == sorted(tops) and float(svg.get("height", 0)) > tops[-1] + 20


def test_a_narrow_drawing_breaks_names_and_loses_none() -> None:
    svg = drawn(Series("a", ORGANS, (0.5,) * 13), width=300)
    assert " ".join(words(svg, "name")) == " ".join(ORGANS)
    assert len(words(svg, "name")) > 13


def test_groups_stand_side_by_side_in_the_order_of_the_series() -> None:
    names = ("x", "y")
    svg = drawn(Series("a", names, (0.1, 0.2)), Series("b", ("y", "x"), (0.4, 0.3)))
    bars = of(svg, "bar")
    order = sorted(bars, key=lambda bar: float(bar.get("x", 0)))
    assert [bar.get("class") for bar in order] == ["bar s0", "bar s1"] * 2
    heights = [float(bar.get("height", 0)) for bar in order]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 3, 2, 4], abs=0.02)


def test_bars_below_zero_hang_from_it() -> None:
    svg = drawn(Series("a", ("x", "y"), (0.02, -0.04)), y_range=None)
    up, down = of(svg, "bar")
    zero = float(down.get("y", 0))
    assert float(up.get("y", 0)) + float(up.get("height", 0)) == pytest.approx(zero, abs=0.02)
    assert float(of(svg, "axis")[-1].get("y1", 0)) == zero
    assert float(down.get("height", 0)) == pytest.approx(2 * float(up.get("height", 0)), abs=0.02)


def test_bars_that_were_fitted_stand_on_zero() -> None:
    svg = drawn(Series("a", ("x", "y"), (90.0, 95.0)), y_range=None)
    low, high = sizes(svg, "height")
    assert high / low == pytest.approx(95 / 90, abs=1e-3)


def test_whiskers_reach_from_end_to_end() -> None:
    svg = drawn(Series("a", ("x", "y"), (0.5, 0.5), (0.25, NAN), (1.0, 0.6)))
    stem, cap, other = of(svg, "whisker")
    height = sizes(svg, "height")[0]
    length = abs(float(stem.get("y1", 0)) - float(stem.get("y2", 0)))
    assert length == pytest.approx(1.5 * height, abs=0.02)
    assert {cap.get("y1"), other.get("y1")} == {stem.get("y1"), stem.get("y2")}


@pytest.mark.parametrize("names", [("x", "y"), ORGANS])
def test_a_mark_stands_at_its_name(names: tuple[str, ...]) -> None:
    svg = drawn(Series("a", names, (0.5,) * len(names)), marks=((1.0, 0.5, "here"),))
    (ring,) = of(svg, "ring")
    bar = of(svg, "bar")[1]
    x, y, w, h = (float(bar.get(key, 0)) for key in ("x", "y", "width", "height"))
    at = (float(ring.get("cx", 0)), float(ring.get("cy", 0)))
    wanted = (x + w / 2, y) if names == ("x", "y") else (x + w, y + h / 2)
    assert at == pytest.approx(wanted, abs=0.02)


def test_numbers_are_names_too_and_nothing_is_an_empty_field() -> None:
    assert words(drawn(Series("a", (1.0, 2.5), (0.1, 0.2))), "name") == ["1", "2.5"]
    assert not of(drawn(), "bar") and not of(drawn(Series("a", (), ())), "bar")
