"""A page as one HTML file: no script, nothing from elsewhere, for a screen, a phone and paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import count
from typing import TypeAlias

from biprompt.evaluation.page.blocks import (
    Block,
    Bullets,
    Chart,
    Gallery,
    Heading,
    Page,
    Table,
    Text,
)
from biprompt.evaluation.page.charts import chart_html
from biprompt.evaluation.page.gallery import Key, gallery_html, key_html
from biprompt.evaluation.page.inline import inline_html, plain
from biprompt.evaluation.page.tables import table_html

CONTENTS_FROM = 5
"""A page of so many headings begins with a list of them."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}</style></head>
<body><main>
<h1>{heading}</h1>
{body}
</main></body></html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

Part: TypeAlias = Block | Gallery | Key
Anchored: TypeAlias = tuple[Heading, str]
"""A heading and its id."""


def to_html(page: Page, galleries: Sequence[Gallery] = ()) -> bytes:
    """Return a page, and the galleries below it, as one UTF-8 file that needs nothing else.

    Args:
        page: the report.
        galleries: cases to look at; those without any are left out.

    Returns:
        The same bytes for the same page. Whatever is not the markup of texts is escaped.

    Raises:
        InputError: a case has no photograph, or a truth of another size.
    """
    parts = [*page.blocks, *_cases(galleries)]
    title = plain(page.title)
    written = _PAGE.format(
        policy=escape(_POLICY),
        title=escape(title),
        style=_style(),
        heading=inline_html(page.title),
        body="\n".join(_written(parts, title)),
    )
    # A name of a file may hold bytes that are no text.
    return written.encode("utf-8", "replace")


@cache
def _style() -> str:
    return files("biprompt.evaluation.page").joinpath("style.css").read_text("utf-8")


def _cases(galleries: Sequence[Gallery]) -> Iterator[Part]:
    shown = [gallery for gallery in galleries if gallery.shots]
    if shown:
        yield Heading("Cases")
        yield Key(tuple(shot for gallery in shown for shot in gallery.shots))
    for gallery in shown:
        yield Heading(gallery.title[:1].upper() + gallery.title[1:], 3)
        yield gallery


def _written(parts: Sequence[Part], title: str) -> Iterator[str]:
    anchored = _anchored([part for part in parts if isinstance(part, Heading)])
    contents = _contents(anchored) if len(anchored) >= CONTENTS_FROM else ""
    ids = iter(anchored)
    above = title
    for part in parts:
        if isinstance(part, Heading):
            yield from filter(None, [contents])
            contents, above = "", plain(part.text)
            yield _heading(*next(ids))
        else:
            yield _part(part, above)


def _part(part: Text | Bullets | Table | Chart | Gallery | Key, above: str) -> str:
    match part:
        case Text():
            paragraphs = re.split(r"\n\s*\n", part.text.strip())
            return "\n".join(f"<p>{inline_html(each)}</p>" for each in paragraphs)
        case Bullets():
            lines = "\n".join(f"<li>{inline_html(line)}</li>" for line in part.lines)
            return f"<ul>{lines}</ul>"
        case Table():
            return table_html(part, above)
        case Chart():
            return chart_html(part)
        case Gallery():
            return gallery_html(part)
        case Key():
            return key_html(part)


def _heading(heading: Heading, id: str) -> str:
    return f'<h{heading.level} id="{id}">{inline_html(heading.text)}</h{heading.level}>'


def _anchored(headings: Sequence[Heading]) -> list[Anchored]:
    """Give every heading an id of its own, made of its words."""
    taken: set[str] = set()
    found = []
    for heading in headings:
        words = re.sub(r"[^a-z0-9]+", "-", plain(heading.text).lower()).strip("-") or "part"
        ids = (words if n == 1 else f"{words}-{n}" for n in count(1))
        found.append((heading, next(each for each in ids if each not in taken)))
        taken.add(found[-1][1])
    return found


def _contents(anchored: Sequence[Anchored]) -> str:
    items = "".join(
        f'<li class="level{heading.level}"><a href="#{id}">{escape(plain(heading.text))}</a></li>\n'
        for heading, id in anchored
    )
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'
