from __future__ import annotations

import re

import pytest

from biprompt.evaluation.page import Table
from biprompt.evaluation.page.tables import table_html

HEADER = ("method", "IoU", "note")


def cells(row: str) -> list[str]:
    return re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row)


def rows(table: Table) -> list[list[str]]:
    return [cells(row) for row in re.findall(r"<tr.*?</tr>", table_html(table, "x"))]


def test_headers_have_a_scope_and_numbers_a_column() -> None:
    head, first, second = rows(Table(HEADER, (("a", "0.51", "of us"), ("b", "-", ""))))
    assert head == [
        '<th scope="col">method</th>',
        '<th class="number" scope="col">IoU</th>',
        '<th scope="col">note</th>',
    ]
    assert first[:2] == ['<th scope="row">a</th>', '<td class="number">0.51</td>']
    assert second[1:] == ['<td class="number none">&ndash;</td>', "<td></td>"]


@pytest.mark.parametrize(
    ("column", "is_number"),
    [
        (("0.812 [0.790, 0.834]", "-0.034"), True),
        (("58.3 %", "12 ms", ""), True),
        (("71.5 (!)", "**3**"), True),
        (("1,050", "< 7"), True),
        (("3 clicks and a box", "2"), False),
        (("2026-12-01",), False),
        (("-", ""), False),
        (("oracle click",), False),
    ],
)
def test_which_columns_are_numbers(column: tuple[str, ...], is_number: bool) -> None:
    table = Table(("a", "b"), tuple(("x", cell) for cell in column))
    assert ('class="number"' in rows(table)[0][1]) == is_number


def test_a_flag_hangs_beside_its_number() -> None:
    (_, row) = rows(Table(("a", "b"), (("x", "74.5 (!)"),)))
    flag = '<span class="flag" title="does not add up"> (!)</span>'
    assert row[1] == f'<td class="number">74.5{flag}</td>'
    assert rows(Table(("a", "b"), (("x", "so (!)"),)))[1][1] == "<td>so (!)</td>"


def test_rows_of_ours_are_marked_for_eyes_and_ears() -> None:
    html = table_html(Table(("a",), (("them",), ("`us`",)), frozenset({1})), "x")
    ours = '<span class="unseen">(ours)</span>'
    assert '<tr><th scope="row">them</th></tr>' in html
    assert f'<tr class="ours"><th scope="row"><code>us</code> {ours}</th></tr>' in html


def test_everything_is_escaped() -> None:
    evil = '"><script>alert(1)</script>'
    html = table_html(Table((evil,), ((evil,), ("-",)), caption=evil), evil)
    assert "<script" not in html and html.count("&lt;script&gt;") == 4
    assert 'aria-label="&quot;&gt;&lt;script' in html


def test_a_table_is_called_after_its_caption_or_what_stands_above() -> None:
    table = Table(("a",), ())
    assert 'aria-label="Above"' in table_html(table, "Above")
    named = table_html(Table(("a",), (), caption="**Mine**"), "Above")
    assert 'aria-label="Mine"' in named and "<caption><strong>Mine</strong></caption>" in named
