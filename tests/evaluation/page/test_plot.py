from __future__ import annotations

import math
import re

from biprompt.evaluation.page import Chart, Series
from biprompt.evaluation.page.plot import Box, draw_marks, finite_runs, value_range

NAN = math.nan
FIELD = Box(0, 0, 400, 300)


def places(parts: list[str]) -> list[tuple[float, float]]:
    found = [re.search(r'<text x="([\d.]+)" y="([\d.]+)"', part) for part in parts]
    return [(float(each[1]), float(each[2])) for each in found if each]


def test_runs_are_cut_where_any_number_lacks() -> None:
    assert finite_runs([1, 2, NAN, 4, 5], [1, 2, 3, math.inf, 5]) == [[0, 1], [4]]
    assert finite_runs([NAN]) == finite_runs([]) == []


def test_range_of_numbers() -> None:
    series = (Series("a", (1.0, 2.0), (0.2, 0.3), (0.1, NAN), (0.3, 1.2)),)
    assert value_range(Chart("t", "x", "y", series)) == (0.0, 1.2)
    assert value_range(Chart("t", "x", "y", series, y_range=None)) == (0.0, 1.5)
    marks = ((1.0, -0.5, "low"),)
    assert value_range(Chart("t", "x", "y", series, marks=marks)) == (-0.5, 1.2)
    high = (Series("a", (1.0, 2.0), (8.0, 9.0)),)
    assert value_range(Chart("t", "x", "y", high, y_range=None)) == (8.0, 9.0)
    assert value_range(Chart("t", "x", "y", high, kind="bar", y_range=None)) == (0.0, 10.0)


def test_words_stand_on_the_side_with_room() -> None:
    ((left, _),) = places(list(draw_marks([((20, 150), "left")], FIELD)))
    assert left > 20
    (part,) = list(draw_marks([((390, 150), "to the right")], FIELD))[1:]
    assert 'text-anchor="end"' in part and places([part])[0][0] < 390


def test_words_avoid_lines_and_one_another() -> None:
    point = (20.0, 150.0)
    ((_, above),) = places(list(draw_marks([(point, "words")], FIELD)))
    line = [(0.0, 140.0), (400.0, 135.0)]
    ((_, below),) = places(list(draw_marks([(point, "words")], FIELD, [line])))
    assert above < 150 < below
    first, second = places(list(draw_marks([(point, "words"), (point, "others")], FIELD)))
    assert abs(first[1] - second[1]) >= 15


def test_long_words_are_broken_and_kept() -> None:
    said = "a rather long remark about a point that lies in the middle of a field"
    parts = list(draw_marks([((200, 150), said)], FIELD))[1:]
    assert len(parts) > 1
    assert " ".join(re.findall(r">([^<]+)</text>", "".join(parts))) == said
