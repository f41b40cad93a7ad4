"""The one exception tree of the package.

::

    BipromptError(Exception)
    ├── InputError(ValueError)         the caller gave something wrong        exit status 2
    │   ├── PromptError                points, boxes, masks, words, examples
    │   ├── ImageError                 not an image, truncated, too large
    │   ├── OutputError                not writable, exists already
    │   ├── WeightsError               missing, damaged, unknown model
    │   └── DataError                  data sets and configuration files
    ├── MissingExtraError(ImportError) an optional part is not installed      exit status 2
    └── ModelError(RuntimeError)       the model failed                       exit status 1

Every message is one line: what is wrong, what was expected, what was there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

MAX_VALUE_CHARS = 120
_MAX_LINE_CHARS = 400
_INVISIBLE = frozenset("\u2028\u2029\u200e\u200f\u061c\ufeff") | frozenset(
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
)


def _escaped(characters: Iterable[str]) -> str:
    return "".join(
        c if (c.isprintable() or c == " ") and c not in _INVISIBLE else ascii(c)[1:-1]
        for c in characters
    )


def one_line(value: object, limit: int = MAX_VALUE_CHARS) -> str:
    """Return `value` as one printable line of at most `limit` characters.

    Control characters, line separators and text-direction marks are written as escapes; a text
    that is too long keeps its beginning and its end around an ellipsis.
    """
    text = str(value)
    if len(text) > 2 * limit:
        text = text[:limit] + text[-limit:]
    text = _escaped(text)
    if len(text) <= limit:
        return text
    tail = limit // 4
    return f"{text[: limit - tail - 1]}…{text[len(text) - tail :]}"


class BipromptError(Exception):
    """Root of every error this package raises on purpose."""


class InputError(BipromptError, ValueError):
    """The caller gave something wrong; the command line ends with status 2.

    Attributes:
        what: which value is wrong, in a few words.
        expected: what would have been right.
        actual: what was there instead.
        path: the file it was read from or should be written to, if any.
    """

    def __init__(
        self,
        what: str,
        *,
        expected: object,
        actual: object,
        path: str | os.PathLike[str] | None = None,
    ) -> None:
        """Keep the facts and build the one-line message from them."""
        self.what = what
        self.expected = expected
        self.actual = actual
        self.path = None if path is None else os.fspath(path)
        super().__init__(what)

    def __str__(self) -> str:
        """Return `path: what: expected E, got A`, without the path where there is none."""
        line = (
            f"{one_line(self.what)}: expected {one_line(self.expected, _MAX_LINE_CHARS)}, "
            f"got {one_line(self.actual)}"
        )
        return line if self.path is None else f"{one_line(self.path, _MAX_LINE_CHARS)}: {line}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the facts, so that the error survives a worker process."""
        return _rebuild, (type(self), self.what, self.expected, self.actual, self.path)


def _rebuild(
    kind: type[InputError], what: str, expected: object, actual: object, path: str | None
) -> InputError:
    return kind(what, expected=expected, actual=actual, path=path)


class PromptError(InputError):
    """A point, box, scribble, polygon, mask, phrase or example cannot be used."""


class ImageError(InputError):
    """An image cannot be read: not an image, truncated, empty or too large."""


class OutputError(InputError):
    """A file cannot be written: no permission, no such folder, or it exists already."""


class WeightsError(InputError):
    """Model weights are missing, damaged, or belong to no known model."""


class DataError(InputError):
    """A data set or a configuration file is not what it should be."""


class MissingExtraError(BipromptError, ImportError):
    """An optional part of the package is needed and not installed; status 2.

    Attributes:
        extra: the name of the extra, as in `pip install "biprompt[extra]"`.
        purpose: what it is needed for.
    """

    def __init__(self, extra: str, purpose: str) -> None:
        """Keep both facts and name the command that installs the extra."""
        self.extra = extra
        self.purpose = purpose
        super().__init__(f'{one_line(purpose)} needs: pip install "biprompt[{one_line(extra)}]"')

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the facts."""
        return type(self), (self.extra, self.purpose)


class ModelError(BipromptError, RuntimeError):
    """The model itself failed; the command line ends with status 1."""

    def __str__(self) -> str:
        """Return the message as one line."""
        return one_line(super().__str__(), _MAX_LINE_CHARS)
