"""Phrases as data sets hold them, made into what the model is asked."""

from __future__ import annotations

from biprompt.errors import DataError, PromptError
from biprompt.prompts import Text


def cleaned(phrase: object, what: str) -> str:
    """Return a phrase as the model will be asked: as `Text` cleans the prompts of users.

    Args:
        phrase: what a data set holds.
        what: which phrase it is, for the message.

    Raises:
        DataError: it is no text, empty, too long, or was read in another encoding than it was
            written in.
    """
    if not isinstance(phrase, str):
        raise DataError(what, expected="text", actual=type(phrase).__name__)
    if misread(phrase):
        raise DataError(what, expected="text in UTF-8", actual=ascii(phrase))
    try:
        return Text(phrase).phrase
    except PromptError as error:
        raise DataError(what, expected=error.expected, actual=error.actual) from error


def misread(phrase: str) -> bool:
    """Return whether bytes were decoded as something else than what they were.

    Found are replacement characters, halves of surrogate pairs, and UTF-8 taken for Latin-1 or
    Windows-1252: such a text has bytes that are UTF-8 again, which no text by accident has.
    """
    if "\ufffd" in phrase or any("\ud800" <= c <= "\udfff" for c in phrase):
        return True
    return not phrase.isascii() and any(_is_utf8(phrase, way) for way in ("latin-1", "cp1252"))


def _is_utf8(phrase: str, way: str) -> bool:
    try:
        phrase.encode(way).decode("utf-8")
    except UnicodeError:
        return False
    return True
