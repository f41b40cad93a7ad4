from __future__ import annotations

import numpy as np

from biprompt.io.draw.overlay import outline
from biprompt.io.draw.palette import ACCENT, INK, TRUTH
from biprompt.io.draw.view import View

GREY = np.full((60, 80, 3), 100, np.uint8)
TRUE = np.zeros((60, 80), bool)
TRUE[20:40, 30:60] = True
WHOLE = (0, 0, 80, 60)


def is_near(picture: np.ndarray, x: int, y: int, color: tuple[int, ...]) -> bool:
    return bool(np.abs(picture[y, x].astype(int) - color).max() < 8)


def test_an_outline_lies_inside_the_edge_between_dark_lines() -> None:
    picture = GREY.copy()
    outline(picture, TRUE, 4)
    row = [tuple(int(v) for v in picture[30, x]) for x in range(26, 42)]
    dark, line, rest = INK, TRUTH, (100, 100, 100)
    assert row == [rest] * 2 + [dark] * 2 + [line] * 4 + [dark] * 2 + [rest] * 6
    assert (picture[TRUE] != 100).any() and (picture[:18] == 100).all()


def test_the_outline_of_nothing_changes_nothing() -> None:
    picture = GREY.copy()
    outline(picture, np.zeros((60, 80), bool), 4)
    assert (picture == GREY).all()


def test_a_thumbnail_shows_the_truth_above_the_answer() -> None:
    view = View.of(GREY, WHOLE, (80, 60), None)
    answer = np.zeros((60, 80), bool)
    answer[20:40, 30:45] = True
    without, with_truth = view.thumbnail(answer, ACCENT), view.thumbnail(answer, ACCENT, truth=TRUE)
    assert is_near(without, 30, 30, ACCENT) and is_near(with_truth, 30, 30, TRUTH)
    assert is_near(with_truth, 58, 30, TRUTH) and is_near(without, 58, 30, (100, 100, 100))
    inside = [view.thumbnail(None, ACCENT, truth=TRUE)[30, 38], without[30, 66]]
    assert all((pixel == 100).all() for pixel in inside)
