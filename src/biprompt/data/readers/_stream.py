"""Large JSON files, one element of a list at a time.

COCO's annotations are hundreds of megabytes of numbers; as Python values they take ten times as
much, and most are thrown away at once. Here only the text is in memory, and one element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from biprompt.errors import DataError

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

START = object()
"""Comes before the elements of a list, so that an empty one is seen too."""


class _Cursor:
    """A place in a JSON text."""

    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._skip()

    def took(self, character: str) -> bool:
        """Step over a character if it is the next."""
        if not self.text.startswith(character, self.at):
            return False
        self.at += 1
        self._skip()
        return True

    def take(self, character: str) -> None:
        """Step over the character that must be the next."""
        if not self.took(character):
            raise json.JSONDecodeError(f"Expecting {character!r}", self.text, self.at)

    def value(self) -> Any:
        """Decode the next value."""
        found, self.at = _DECODER.raw_decode(self.text, self.at)
        self._skip()
        return found

    def items(self, end: str) -> Iterator[None]:
        """Pause before every item until a closing bracket; the caller takes the item."""
        if self.took(end):
            return
        while True:
            yield
            if self.took(end):
                return
            self.take(",")

    def _skip(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = self.at if space is None else space.end()


def stream_lists(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield (key, element) for every element of every list that a JSON object has as a member.

    A list yields (key, START) before its elements. Other members are decoded and left out.

    Raises:
        DataError: the file cannot be read, is no JSON, or holds no object.
    """
    try:
        yield from _lists(_Cursor(path.read_text("utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError("annotations", expected="JSON", actual=error, path=path) from error


def _lists(cursor: _Cursor) -> Iterator[tuple[str, Any]]:
    cursor.take("{")
    for _ in cursor.items("}"):
        key = str(cursor.value())
        cursor.take(":")
        if not cursor.took("["):
            cursor.value()
            continue
        yield key, START
        for _ in cursor.items("]"):
            yield key, cursor.value()
    if cursor.at != len(cursor.text):
        raise json.JSONDecodeError("Extra data", cursor.text, cursor.at)
