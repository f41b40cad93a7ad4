from __future__ import annotations

from biprompt.evaluation.published import Given, find_table, load_tables, to_markdown


def test_a_table_with_its_flags() -> None:
    page = to_markdown([find_table("organ-seg", "Table II")])
    assert page.startswith("## organ-seg, Table II: FLARE22, 500 slices an organ\n\nIftee et al.")
    assert "FLARE22 is CT, the paper says MRI." in page
    assert "| 81.5 | 74.5 (!) | nothing | what it is told is not said |" in page
    assert "- Table II, MedSAM: Dice says 74.5, the mean of its columns is 71.62" in page
    assert "beside ours" not in page


def test_every_row_says_how_it_relates_to_ours() -> None:
    page = to_markdown([find_table("biprompt-sam", "Table 3")], [Given.TEXT])
    assert "| LISA | 73.8 | 62.0 | 68.5 | 68.1 | text | told the same |  |" in page
    assert "| 86.5 | oracle click + text | told more | the split is not stated |" in page
    assert "| LAVT | 72.3 | 61.8 | - | - | text | told the same |  |" in page


def test_tables_without_a_flag_end_with_their_rows() -> None:
    page = to_markdown([find_table("field", "clicks")])
    assert "less is better" in page and "add up" not in page and "(!)" not in page


def test_every_table_can_be_written() -> None:
    page = to_markdown(load_tables(), [])
    assert page.count("\n## ") + 1 == len(load_tables())
    assert page.count("Does not add up:") == 4
