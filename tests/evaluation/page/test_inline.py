from __future__ import annotations

import pytest

from biprompt.evaluation.page.inline import inline_html, plain


@pytest.mark.parametrize(
    ("text", "html", "words"),
    [
        ("a < b & c", "a &lt; b &amp; c", "a < b & c"),
        ("`a<b`", "<code>a&lt;b</code>", "a<b"),
        ("**two `x**y` words**", "<strong>two <code>x**y</code> words</strong>", "two x**y words"),
        ("2 * 3 ** 4", "2 * 3 ** 4", "2 * 3 ** 4"),
        ("`**a**`", "<code>**a**</code>", "**a**"),
        ("[EVF](https://a.b/c_(d)?e&f)", '<a href="https://a.b/c_(d)?e&amp;f">EVF</a>', "EVF"),
        ("[**b**](other.html#part)", '<a href="other.html#part"><strong>b</strong></a>', "b"),
        ("[class name] (a)", "[class name] (a)", "[class name] (a)"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", None),
        ("unclosed `code and **bold", "unclosed `code and **bold", None),
    ],
)
def test_markup(text: str, html: str, words: str | None) -> None:
    assert inline_html(text) == html
    assert plain(text) == (text if words is None else words)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x"])
def test_an_address_that_runs_something_is_no_link(address: str) -> None:
    assert inline_html(f"[here]({address})") == f"[here]({address})"


def test_an_address_cannot_leave_its_attribute() -> None:
    assert inline_html('[a](b"onclick=x)') == '<a href="b&quot;onclick=x">a</a>'


def test_plain_is_one_line() -> None:
    assert plain("two\n  lines") == "two lines"
