from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.io.draw.text import Style, draw_text, text_width, wrap

STYLE = Style(18)
WORDS = st.text(st.sampled_from("abcdefgW il.,é赤"), max_size=80)


@given(WORDS, st.integers(40, 400))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, STYLE, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, STYLE) <= width for line in lines)


def test_words_stay_whole_where_they_fit() -> None:
    assert wrap("one two", STYLE, 60) == ["one", "two"]
    assert wrap("one two", STYLE, 600) == ["one two"]
    assert wrap("  ", STYLE, 60) == []


def test_a_character_wider_than_the_line_still_appears() -> None:
    assert wrap("WW", STYLE, 1) == ["W", "W"]


@pytest.mark.parametrize(
    ("anchor", "low", "high"), [("l", 100, 140), ("m", 80, 120), ("r", 60, 100)]
)
def test_anchor_and_baseline(anchor: str, low: int, high: int) -> None:
    pixels = np.full((60, 200, 3), 255, np.uint8)
    draw_text(pixels, (100, 40), "HHH", STYLE, anchor)
    rows, columns = np.nonzero((pixels < 128).any(axis=2))
    assert low - 2 <= columns.min() and columns.max() <= high + 2
    assert rows.max() == 39


@pytest.mark.parametrize("xy", [(-10, 5), (195, 5), (50, -3), (50, 70), (-500, 500)])
def test_drawing_over_the_edge_is_cut_there(xy: tuple[int, int]) -> None:
    pixels = np.full((60, 200, 3), 255, np.uint8)
    draw_text(pixels, xy, "Hg" * 30, Style(18, strong=True))
    assert pixels.shape == (60, 200, 3)


def test_other_scripts_and_empty_texts_do_not_fail() -> None:
    pixels = np.full((60, 400, 3), 255, np.uint8)
    for text in ("", " ", "café", "Привет", "赤い", "\U0001f600", "\uffff", "a\u0301"):
        draw_text(pixels, (10, 40), text, STYLE)
    assert (pixels < 128).any()


def test_size_scales_the_width() -> None:
    assert text_width("hello", Style(36)) == pytest.approx(2 * text_width("hello", STYLE), rel=0.05)
