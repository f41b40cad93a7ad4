"""The folder of a run."""

from __future__ import annotations

import os
from pathlib import Path

from biprompt.errors import OutputError


def make_folder(path: Path) -> None:
    """Makes a folder to write to.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        actual = "a file" if path.is_file() else error.strerror or str(error)
        raise OutputError("output", expected="a folder", actual=actual, path=path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        actual = "permission denied"
        raise OutputError("output", expected="a writable folder", actual=actual, path=path)
