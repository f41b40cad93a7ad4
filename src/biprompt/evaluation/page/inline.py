"""The little markup that texts may hold: `code`, **bold** and [links](address)."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_MARKUP = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<bold>(?:`[^`]+`|.)+?)\*\*"
    r"|\[(?P<text>[^\[\]]+)\]\((?P<address>[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)",
    re.DOTALL,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SAFE = ("http:", "https:", "mailto:")


def inline_html(text: str) -> str:
    """Return a text as HTML; whatever is not the markup above is escaped.

    A link goes to the web, to a mail address, or to a place beside the page; any other address,
    as `javascript:`, leaves the text as it was written.
    """
    return _replaced(text, escape, _element)


def plain(text: str) -> str:
    """Return a text without its markup, in one line, for where none can be: alt texts, labels."""
    return " ".join(_replaced(text, str, _words).split())


def _replaced(
    text: str, between: Callable[[str], str], found: Callable[[re.Match[str]], str]
) -> str:
    parts, end = [], 0
    for match in _MARKUP.finditer(text):
        parts += [between(text[end : match.start()]), found(match)]
        end = match.end()
    return "".join([*parts, between(text[end:])])


def _element(match: re.Match[str]) -> str:
    if match["code"] is not None:
        return f"<code>{escape(match['code'])}</code>"
    if match["bold"] is not None:
        return f"<strong>{inline_html(match['bold'])}</strong>"
    if not _is_safe(match["address"]):
        return escape(match[0])
    return f'<a href="{escape(match["address"])}">{inline_html(match["text"])}</a>'


def _words(match: re.Match[str]) -> str:
    if match["code"] is not None:
        return match["code"]
    return plain(match["bold"] or match["text"])


def _is_safe(address: str) -> bool:
    scheme = _SCHEME.match(address)
    return scheme is None or scheme[0].lower() in _SAFE
