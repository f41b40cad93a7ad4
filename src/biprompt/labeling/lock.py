"""One run at a time in a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from biprompt.errors import OutputError
from biprompt.labeling.storage import is_url

LOCK = "run/lock"


@contextmanager
def locked(place: str) -> Iterator[None]:
    """Keep other runs out of a local folder; the lock goes with the process, however it ends.

    A URL, and a system without such locks, is not guarded.

    Raises:
        OutputError: another run is at work there, or the folder cannot be written.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    if is_url(place):
        yield
        return
    path = Path(place, LOCK)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        expected, actual = "a folder to write to", error.strerror
        raise OutputError("output folder", expected=expected, actual=actual, path=place) from error
    try:
        _take(fcntl.flock, file, fcntl.LOCK_EX | fcntl.LOCK_NB, place)
        yield
    finally:
        os.close(file)


def _take(flock: Callable[[int, int], None], file: int, how: int, place: str) -> None:
    try:
        flock(file, how)
    except OSError as error:
        taken = isinstance(error, BlockingIOError)
        raise OutputError(
            "output folder",
            expected="nobody else at work there",
            actual="another run" if taken else error.strerror,
            path=place,
        ) from error
