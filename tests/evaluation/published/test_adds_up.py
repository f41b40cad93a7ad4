"""Which published rows do not add up: the real cases, pinned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biprompt.evaluation.published import Row, Table, discrepancies, find_table, load_tables

FLAGGED = {
    ("biprompt-sam", "Table 3", "EVF-SAM", "RefCOCO"): (82.0, 81.85),
    ("biprompt-sam", "Table 3", "EVF-SAM", "RefCOCO+"): (75.1, 74.2),
    ("biprompt-sam", "Table 3", "EVF-SAM", "RefCOCOg"): (77.8, 77.4),
    ("organ-seg", "Table II", "SAM", "Dice"): (60.5, 59.90),
    ("organ-seg", "Table II", "SAM-Med2D", "Dice"): (51.7, 54.51),
    ("organ-seg", "Table II", "MA-SAM", "Dice"): (73.1, 76.75),
    ("organ-seg", "Table II", "MedSAM", "Dice"): (74.5, 71.62),
    ("organ-seg", "Table III", "nn-Unet", "Dice"): (31.2, 31.37),
    ("organ-seg", "Table III", "SAM", "Dice"): (39.9, 38.12),
    ("organ-seg", "Table III", "Swin-Unetr", "Dice"): (40.2, 38.98),
    ("organ-seg", "Table III", "SAM-Med2D", "Dice"): (45.7, 42.08),
    ("organ-seg", "Table III", "MedSAM", "Dice"): (63.9, 61.50),
    ("survey", "Table 8", "ZSSeg", "VOC mean"): (77.5, 77.61),
    ("survey", "Table 8", "MaskCLIP+", "COCO-Stuff mean"): (45.0, 45.94),
    ("survey", "Table 8", "MaskCLIP+", "VOC mean"): (87.4, 87.09),
    ("survey", "Table 8", "MaskCLIP+", "Context mean"): (53.3, 55.89),
}


def test_the_rows_that_do_not_add_up() -> None:
    found = {
        (each.table.paper, each.table.name, each.row, each.column): (each.stated, each.mean)
        for table in load_tables()
        for each in discrepancies(table)
    }
    assert found.keys() == FLAGGED.keys()
    for place, numbers in FLAGGED.items():
        assert found[place] == pytest.approx(numbers, abs=0.006)


def test_the_order_of_two_methods_turns_round() -> None:
    """Organ-Seg's Table II puts MedSAM above MA-SAM; by its own columns MA-SAM is ahead by 5."""
    flags = {each.row: each for each in discrepancies(find_table("organ-seg", "Table II"))}
    assert flags["MedSAM"].stated > flags["MA-SAM"].stated
    assert flags["MA-SAM"].mean - flags["MedSAM"].mean > 5


def test_the_quoted_row_of_evf_sam_is_the_mean_of_both_its_models() -> None:
    source, quoting = find_table("evf-sam", "Table 1"), find_table("biprompt-sam", "Table 3")
    both = [row for row in source.rows if row.name.startswith("EVF-SAM")]
    quoted = quoting.row("EVF-SAM")
    assert len(both) == 2 and quoted is not None
    for each in quoting.quotations:
        values = [source.value(row, column) or 0 for row in both for column in each.of]
        stated = quoting.value(quoted, each.column)
        assert sum(values) / len(values) == pytest.approx(stated, abs=0.0501)


def test_most_tables_add_up() -> None:
    """The check is no accusation: every average of EVF-SAM's three tables is right."""
    for name in ("Table 1", "Table 4", "Table 5"):
        assert discrepancies(find_table("evf-sam", name)) == []
    assert discrepancies(find_table("survey", "Table 9")) == []


def test_a_flag_in_words() -> None:
    flags = {each.row: each.text for each in discrepancies(find_table("organ-seg", "Table III"))}
    assert flags["MedSAM"] == "Table III, MedSAM: Dice says 63.9, the mean of its columns is 61.50"
    quoted = discrepancies(find_table("biprompt-sam", "Table 3"))[0].text
    assert quoted.endswith("the mean of RefCOCO testA, RefCOCO testB in evf-sam, Table 1 is 81.85")


def table_of(values: tuple[float | None, ...], *, harmonic: bool = False) -> Table:
    known = find_table("survey", "Table 8")
    average = replace(known.averages[0], column="mean", of=("a", "b"), harmonic=harmonic)
    row = Row("x", values, frozenset())
    return replace(known, columns=("a", "b", "mean"), averages=(average,), rows=(row,))


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ((70.0, 71.0, 70.5), False),
        ((70.0, 70.1, 70.0), False),  # 70.05 rounds either way
        ((70.0, 70.1, 70.1), False),
        ((70.0, 71.0, 70.4), False),  # 69.95 and 70.95 round to these, and 70.45 to 70.4
        ((70.0, 71.0, 70.3), True),
        ((70.0, None, 71.0), False),  # a dash cannot be checked
        ((70.0, 71.0, None), False),
    ],
)
def test_rounding_alone_raises_no_flag(values: tuple[float | None, ...], flagged: bool) -> None:
    assert bool(discrepancies(table_of(values))) is flagged


def test_harmonic_means_are_checked_as_such() -> None:
    assert discrepancies(table_of((40.0, 60.0, 48.0), harmonic=True)) == []
    assert discrepancies(table_of((40.0, 60.0, 48.0)))[0].mean == 50.0
