from __future__ import annotations

from biprompt.evaluation.page import Block, Bullets, Heading, Table, Text
from biprompt.evaluation.published import Given, Row, load_tables, published_blocks


def _tables(blocks: tuple[Block, ...]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def test_every_table_of_the_protocol_and_no_other() -> None:
    for protocol in {table.protocol for table in load_tables()}:
        headings = [b for b in published_blocks(protocol, []) if isinstance(b, Heading)]
        wanted = [table for table in load_tables() if table.protocol == protocol]
        assert [each.text for each in headings] == [
            f"{table.paper}, {table.name}: {table.data}" for table in wanted
        ]
        assert {each.level for each in headings} == {3}


def test_the_parts_of_one_table() -> None:
    heading, source, note, table, says, flags, *_ = published_blocks("organs", [Given.QUESTION])
    assert heading == Heading("organ-seg, Table II: FLARE22, 500 slices an organ", 3)
    assert isinstance(source, Text) and source.text.endswith("more is better.")
    assert isinstance(note, Text) and "CT" in note.text
    assert isinstance(table, Table) and table.header[-3:] == ("told", "beside ours", "caveat")
    medsam = next(row for row in table.rows if row[0] == "MedSAM")
    assert medsam[-4:-1] == ("74.5 (!)", "nothing", "told less")
    assert says == Text("Does not add up:")
    assert isinstance(flags, Bullets) and len(flags.lines) == sum(
        "(!)" in cell for row in table.rows for cell in row
    )


def test_only_tables_of_the_data() -> None:
    blocks = published_blocks("biprompt", [], data="endovis17")
    assert len(_tables(blocks)) == 3
    assert published_blocks("biprompt", [], data="Cityscapes") == ()
    assert published_blocks("nothing like that", []) == ()


def test_rows_of_ours_are_marked_below_the_published_ones() -> None:
    ours = Row("`compact`", (61.0, None), frozenset({Given.NAME}))
    key = ("biprompt-sam", "Table 2")
    first, second, third = _tables(published_blocks("biprompt", [Given.NAME], ours={key: [ours]}))
    assert first.marked == third.marked == frozenset()
    assert second.marked == {3}
    assert second.rows[3] == ("`compact`", "61.00", "-", "class name", "ours")
    assert second.rows[0][4] == "told the same"
    assert second.header[-1] == "beside ours"  # nobody there has a caveat


def test_a_metric_begins_a_sentence_and_keeps_its_name() -> None:
    texts = [b.text for b in published_blocks("few-shot", []) if isinstance(b, Text)]
    assert any(". mIoU and FB-IoU, %; more is better." in text for text in texts)
    texts = [b.text for b in published_blocks("biprompt", []) if isinstance(b, Text)]
    assert any(". Mean Dice and mean IoU, %; more" in text for text in texts)
