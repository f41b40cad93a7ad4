from __future__ import annotations

import pytest

from biprompt.evaluation.page.svg import coordinate, element, path, text, text_width, wrap


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (-0.001, "0"), (100.0, "100"), (1 / 3, "0.33"), (-2.5, "-2.5"), (7.999, "8")],
)
def test_coordinates(value: float, written: str) -> None:
    assert coordinate(value) == written


def test_elements_are_escaped() -> None:
    assert (
        element("path", d="M0 0", class_="a", stroke_dasharray="") == '<path d="M0 0" class="a"/>'
    )
    assert text("a<b", 1.0, 2.5, text_anchor="end") == (
        '<text x="1" y="2.5" text-anchor="end">a&lt;b</text>'
    )
    assert element("svg", aria_label='"><script>') == (
        '<svg aria-label="&quot;&gt;&lt;script&gt;"/>'
    )


def test_path() -> None:
    assert path([(0, 1), (2.5, 3)]) == "M0 1L2.5 3"
    assert path([(0, 0), (1, 0), (1, 1)], closed=True) == "M0 0L1 0L1 1Z"


def test_wrap_loses_nothing() -> None:
    words = "right adrenal gland of the patient"
    lines = wrap(words, 90)
    assert " ".join(lines) == words and len(lines) == 3
    assert all(text_width(line) <= 90 for line in lines)
    long = wrap("a pneumonoultramicroscopicsilicovolcanoconiosis b", 100)
    assert long[0] == "a" and "".join(long).replace("a" + "p", "ap", 1).endswith("b")
    assert "".join(long) == "apneumonoultramicroscopicsilicovolcanoconiosisb"
    assert all(text_width(line) <= 100 for line in long) and wrap("", 10) == [""]
