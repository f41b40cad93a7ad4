from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest

from biprompt.evaluation.page import (
    Block,
    Bullets,
    Chart,
    Gallery,
    Heading,
    Page,
    Series,
    Shot,
    Table,
    Text,
)
from biprompt.evaluation.page.html import to_html
from biprompt.evaluation.published import load_tables, published_blocks
from biprompt.results import Segmentation, SelectionCard, Verdict

VOID = {"meta", "img"}
EVIL = '"><script>alert(1)</script><img src=x onerror=y>'
CARD = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Made up.")


class Reader(HTMLParser):
    """Checks that elements are closed in order, and keeps what a page holds."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: Counter[str] = Counter()
        self.feed(page.decode())
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text[f"{self.open[-1]}: {data.strip()}"] += 1

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def shot(caption: str = "a cup") -> Shot:
    mask = np.zeros((40, 60), bool)
    mask[10:30, 20:40] = True
    image = np.full((40, 60, 3), 100, np.uint8)
    return Shot(caption, Segmentation(mask, Verdict.FOUND, None, CARD, "m", image=image), mask)


def every_block(words: str = "words") -> tuple[Block, ...]:
    line = Series(words, (1.0, 2.0, 3.0), (0.1, 0.2, 0.3), (0.0, 0.1, 0.2), (0.2, 0.3, 0.4))
    bars = Series(words, (words, "b"), (0.1, 0.2))
    return (
        Bullets((words, "model `m`")),
        Text(words),
        Heading(words),
        Table((words, "n"), ((words, "1"), ("us", "2")), frozenset({1}), words),
        Heading(words, 3),
        Chart(words, words, words, (line, bars_as_line(words)), marks=((2.0, 0.2, words),)),
        Chart(words, words, words, (bars, bars), kind="bar"),
        Text("see [the paper](https://arxiv.org/abs/2503.19769)"),
    )


def bars_as_line(words: str) -> Series:
    return Series(words, (1.0, 2.0, 3.0), (0.3, 0.2, 0.1))


def page(words: str = "words") -> bytes:
    return to_html(Page(words, every_block(words)), [Gallery(words, (shot(words), shot()))])


def test_the_page_is_well_formed_and_needs_nothing_else() -> None:
    read = Reader(page())
    for tag, attributes in read.found:
        assert tag not in ("script", "link", "iframe", "object", "use", "base")
        assert not any(name.startswith("on") for name in attributes)
        assert "style" not in attributes and "srcset" not in attributes
        if tag != "a":
            assert "href" not in attributes
        if "src" in attributes:
            assert (attributes["src"] or "").startswith("data:image/jpeg;base64,")
    (policy,) = [a["content"] for a in read.all("meta") if "http-equiv" in a]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert read.found[0] == ("html", {"lang": "en"})


def test_ids_are_unique_and_links_inside_lead_somewhere() -> None:
    read = Reader(page())
    ids = [attributes["id"] for _, attributes in read.found if "id" in attributes]
    assert ids == ["words", "words-2", "cases", "words-3"]
    assert all((a["href"] or "").startswith("https://arxiv.org") for a in read.all("a"))
    many = (*every_block(), Heading("Über `x`!"), Heading("words-2"), Heading("ß"))
    longer = Reader(to_html(Page("t", many)))
    ids = [attributes["id"] for _, attributes in longer.found if "id" in attributes]
    assert ids == ["words", "words-2", "ber-x", "words-2-2", "part"]
    inside = [a["href"] for a in longer.all("a") if (a["href"] or "").startswith("#")]
    assert inside == [f"#{id}" for id in ids]


def test_every_picture_has_words() -> None:
    read = Reader(page())
    pictures = read.all("img")
    assert len(pictures) == 2 and all(picture["alt"] for picture in pictures)
    drawings = [svg for svg in read.all("svg") if svg.get("role") == "img"]
    assert len(drawings) == 4 and all(svg["aria-label"] for svg in drawings)
    others = [svg for svg in read.all("svg") if svg.get("role") != "img"]
    assert all(svg["aria-hidden"] == "true" for svg in others)
    assert all(header["scope"] in ("row", "col") for header in read.all("th"))


def test_everything_is_escaped_wherever_it_stands() -> None:
    html = page(EVIL)
    assert b"<script" not in html and b"<img src=x" not in html
    Reader(html)


def test_contents_stand_before_the_first_part_of_a_long_page() -> None:
    parts = [Heading(f"Part {n}") for n in range(4)]
    assert b"<nav" not in to_html(Page("t", tuple(parts)))
    html = to_html(Page("t", (Text("first"), *parts, Heading("Of it", 3)))).decode()
    assert html.index("first") < html.index("<nav") < html.index("<h2")
    assert html.count("<nav") == 1 and html.count('<li class="level2">') == 4
    assert '<li class="level3"><a href="#of-it">Of it</a></li>' in html


def test_a_paragraph_ends_at_an_empty_line() -> None:
    html = to_html(Page("t", (Text("one\nline\n\nand **another**\n"),))).decode()
    assert "<p>one\nline</p>\n<p>and <strong>another</strong></p>" in html


def test_galleries_stand_below_without_empty_ones() -> None:
    html = to_html(Page("t", ()), [Gallery("best", ()), Gallery("worst", (shot(),))]).decode()
    assert html.index('<h2 id="cases">Cases</h2>') < html.index('<h3 id="worst">Worst</h3>')
    assert "best" not in html.split("</style>")[1]
    assert b"<h2" not in to_html(Page("t", ()), [Gallery("best", ())])


def test_the_same_page_gives_the_same_bytes() -> None:
    assert page() == page()


@pytest.mark.parametrize("protocol", sorted({table.protocol for table in load_tables()}))
def test_every_published_table_can_be_shown(protocol: str) -> None:
    blocks = published_blocks(protocol, [])
    read = Reader(to_html(Page(protocol, blocks)))
    assert len(read.all("table")) == sum(isinstance(block, Table) for block in blocks)


def test_a_name_that_is_no_text_is_written_all_the_same() -> None:
    assert b"a?" in to_html(Page("a\udcff", ()))
