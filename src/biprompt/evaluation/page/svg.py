"""Write SVG: elements, coordinates, paths, and how wide a text is about."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

FONT = 12.0
"""Size of all text in a chart, in pixels."""

_NARROW = frozenset("iljtfr.,:;|!'()[] ")
_WIDE = frozenset("mwMW%@")

Point = tuple[float, float]


def element(name: str, *children: str, **attributes: str | float) -> str:
    """Return an element.

    Args:
        name: of the element.
        children: finished elements, or `text` below.
        attributes: `class_` is written `class`, `text_anchor` as `text-anchor`; numbers get at
            most two decimals; empty strings are left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value != ""
    )
    body = "".join(children)
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def text(words: str, x: float, y: float, **attributes: str | float) -> str:
    """Return one line of text whose baseline begins, or as its `text_anchor` says, at a point."""
    return element("text", escape(words), x=x, y=y, **attributes)


def line(start: Point, end: Point, **attributes: str | float) -> str:
    """Return a straight line."""
    (x1, y1), (x2, y2) = start, end
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(points: Sequence[Point], *, closed: bool = False) -> str:
    """Return the `d` of straight lines through points."""
    joined = "L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)
    return f"M{joined}{'Z' if closed else ''}"


def coordinate(value: float) -> str:
    """Return a number in at most two decimals, never "-0"."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def text_width(words: str, size: float = FONT) -> float:
    """Return about how wide a line is in pixels, in any common font rather too much than less."""
    return size * sum(
        0.34 if letter in _NARROW else 0.9 if letter in _WIDE or ord(letter) > 0x2E80 else 0.6
        for letter in words
    )


def wrap(words: str, width: float, size: float = FONT) -> list[str]:
    """Break a text into lines of about a width, between words, and inside one that is longer."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if text_width(longer, size) <= width:
            lines[-1] = longer
            continue
        pieces = _pieces(word, width, size)
        lines[len(lines) if lines[-1] else 0 :] = pieces
    return lines


def _pieces(word: str, width: float, size: float) -> list[str]:
    pieces = [word[:1]]
    for letter in word[1:]:
        if text_width(pieces[-1] + letter, size) > width:
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else coordinate(value)
