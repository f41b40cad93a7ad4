"""The papers' tables as they stand in the package."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biprompt.errors import DataError
from biprompt.evaluation.published import (
    Given,
    Relation,
    Row,
    find_table,
    is_comparable,
    load_tables,
    relation,
)
from biprompt.evaluation.published import tables as module

PROTOCOLS = {"interactive", "referring", "biprompt", "organs", "few-shot", "open-vocabulary"}


def test_every_table_says_what_it_is() -> None:
    tables = load_tables()
    assert len({(table.paper, table.name) for table in tables}) == len(tables) == 21
    for table in tables:
        assert table.protocol in PROTOCOLS
        assert table.source and table.data and table.metric and table.rows
        assert len(set(table.columns)) == len(table.columns)
        assert len({row.name for row in table.rows}) == len(table.rows)


def test_numbers_are_as_printed() -> None:
    """Percentages and clicks with no more digits than the table prints, never a guess between."""
    for table in load_tables():
        most = 20 if table.fewer_is_better else 100
        for row in table.rows:
            known = [value for value in row.values if value is not None]
            assert known and all(0 < value <= most for value in known)
            assert all(round(value, table.decimals) == value for value in known)


@pytest.mark.parametrize(
    ("paper", "table", "row", "column", "value"),
    [
        ("biprompt-sam", "Table 1", "BiPrompt-SAM", "mIoU", 81.46),
        ("biprompt-sam", "Table 3", "BiPrompt-SAM", "RefCOCOg", 85.8),
        ("evf-sam", "Table 1", "EVF-SAM (multitask)", "RefCOCO testA", 84.2),
        ("evf-sam", "Table 4", "ViLT, text and image, early", "AVG", 66.6),
        ("evf-sam", "Table 10", "EVF-SAM", "val gIoU", 38.3),
        ("field", "clicks", "FocSAM ViT-H", "SBD", 4.69),
        ("organ-seg", "Table III", "MedSAM", "Spleen", 73.9),
        ("survey", "Table 2", "SimpleClick", "DAVIS NoC@90", 5.48),
        ("survey", "Table 5", "LAVT", "RefCLEF test", None),
        ("survey", "Table 9", "CLIPSeg", "PASCAL-5i mean", 59.5),
    ],
)
def test_numbers_of_each_paper(
    paper: str, table: str, row: str, column: str, value: float | None
) -> None:
    found = find_table(paper, table)
    method = found.row(row)
    assert method is not None and found.value(method, column) == value


def test_what_each_method_is_told() -> None:
    endovis = find_table("biprompt-sam", "Table 1")
    told = {row.name: {each.value for each in row.given} for row in endovis.rows}
    assert told["BiPrompt-SAM"] == {"oracle click", "class name"}
    assert told["GT Bbox + SAM"] == {"oracle box"}
    assert told["TernausNet"] == set()
    clicks = find_table("field", "clicks")
    assert all(row.given == {Given.CLICKS} for row in clicks.rows)


def test_a_click_from_the_truth_does_not_stand_beside_words_alone() -> None:
    rows = {row.name: row for row in find_table("biprompt-sam", "Table 3").rows}
    words, both = {Given.TEXT}, {Given.TEXT, Given.CLICK}
    assert relation(rows["LISA"], words) is Relation.SAME
    assert relation(rows["BiPrompt-SAM"], words) is Relation.MORE
    assert relation(rows["LISA"], both) is Relation.LESS
    assert relation(rows["LISA"], {Given.BOX}) is Relation.OTHER
    assert is_comparable(rows["LISA"], words) and not is_comparable(rows["LISA"], both)
    assert not is_comparable(rows["EVF-SAM"], words), "it is the mean of two models"
    assert is_comparable(replace(rows["EVF-SAM"], caveat=""), words)


def test_a_caveat_may_hold_for_a_whole_table() -> None:
    for row in find_table("organ-seg", "Table II").rows:
        assert row.caveat == "what it is told is not said" and not is_comparable(row, ())


def test_a_table_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(DataError, match="published table: expected one of biprompt-sam Table 1"):
        find_table("biprompt-sam", "Table 9")
    assert find_table("field", "clicks").row("nobody") is None


def test_a_row_of_another_length_is_refused() -> None:
    entry = {"name": "x", "values": [1.0], "given": [], "caveat": ""}
    with pytest.raises(DataError, match="some paper, x: expected 2 values, got 1"):
        module._row(entry, ("a", "b"), "some paper")
    assert module._row(entry, ("a",), "some paper") == Row("x", (1.0,), frozenset())
