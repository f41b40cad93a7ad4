from __future__ import annotations

from biprompt.evaluation.page import Bullets, Chart, Heading, Page, Series, Table, Text
from biprompt.evaluation.page.markdown import markdown_table, to_markdown


def test_a_page() -> None:
    blocks = (
        Text("Says <b>so</b>, `<i>` and 1 < 2."),
        Heading("Part"),
        Chart("Left out", "x", "y", (Series("a", (1.0,), (1.0,)),)),
        Heading("Of it", 3),
        Table(
            ("who", "n"), (("them", "1"), ("**us** and `x`", "2")), frozenset({1}), "All of them"
        ),
        Bullets(("one", "two")),
    )
    assert to_markdown(Page("Title", blocks)).decode() == (
        "# Title\n\nSays \\<b>so\\</b>, `<i>` and 1 < 2.\n\n## Part\n\n### Of it\n\nAll of them\n\n"
        "| who | n |\n| --- | --- |\n| them | 1 |\n| **us and `x`** | 2 |\n\n- one\n- two\n"
    )


def test_a_page_without_blocks_is_its_title() -> None:
    assert to_markdown(Page("Title")) == b"# Title\n"


def test_cells_stay_in_their_row() -> None:
    assert markdown_table(["a"], [["x|y\nz"]]).splitlines()[2] == "| x\\|y z |"


def test_a_name_that_is_no_text_is_written_all_the_same() -> None:
    assert to_markdown(Page("a\udcff")) == b"# a?\n"
