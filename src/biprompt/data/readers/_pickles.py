"""Pickles of data sets, read without ever calling what they name.

The refer files and the few-shot folds were written by Python 2 and hold lists, dicts, strings and
numbers. Whatever else a pickle asks for is refused before it exists.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any, NoReturn

from biprompt.errors import DataError

_EXPECTED = "a pickle of lists, dicts, strings and numbers"


class _Refused(Exception):
    """A pickle asks for something by name."""


class _PlainUnpickler(pickle.Unpickler):
    """Makes Python's own containers, strings and numbers; knows no other name."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise _Refused(f"{module}.{name}")

    def persistent_load(self, pid: object) -> NoReturn:
        raise _Refused("something outside the file")


def read_pickle(path: Path) -> Any:
    """Read a pickle of plain values; strings of Python 2 become str.

    Raises:
        DataError: it cannot be read, is damaged, or names a function or a class; nothing of it
            was called.
    """
    try:
        return _PlainUnpickler(io.BytesIO(path.read_bytes()), encoding="latin-1").load()
    except _Refused as refused:
        actual = f"one that would run {refused}; nothing was run"
        raise DataError("pickle", expected=_EXPECTED, actual=actual, path=path) from refused
    except Exception as error:  # there is no end to how a damaged pickle fails
        actual = f"a damaged file ({type(error).__name__})"
        raise DataError("pickle", expected=_EXPECTED, actual=actual, path=path) from error
