"""A page as one HTML file."""

from __future__ import annotations

import html
from collections.abc import Sequence

from biprompt.evaluation.page.blocks import Gallery, Page
from biprompt.evaluation.page.markdown import to_markdown


def to_html(page: Page, galleries: Sequence[Gallery] = ()) -> bytes:
    """Return a page, and the galleries below it, as one UTF-8 file that needs nothing else."""
    text = html.escape(to_markdown(page).decode())
    return f"<!doctype html><title>{html.escape(page.title)}</title><pre>{text}</pre>\n".encode()
