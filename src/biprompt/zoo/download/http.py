"""One file from one address: resumed where it stopped, and named only when it is whole."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from biprompt.errors import OutputError, WeightsError
from biprompt.zoo.download.digest import check_sha256
from biprompt.zoo.download.transfer import Report, Transfer

PART_SUFFIX = ".part"
"""What stands after the name of a file that is not whole."""
ATTEMPTS = 4
"""How often a connection that breaks is made anew, as long as something comes through."""
_TIMEOUT_SECONDS = 30.0
_CHUNK_BYTES = 2**20
_PARTIAL, _NOTHING_LEFT = 206, 416


def fetch(
    url: str, target: Path, *, sha256: str | None, nbytes: int | None, report: Report
) -> None:
    """Download a file. What an earlier attempt left beside it is kept and added to.

    Args:
        url: its address.
        target: its place; the folder is made.
        sha256: of the whole file, None where it is not known.
        nbytes: of the whole file, None where it is not known.
        report: called now and then, in this thread.

    Raises:
        WeightsError: there is no network or no such file, the server refuses, breaks off too
            often, or sends another file (which is then removed); or another process downloads it.
        OutputError: there is no place for it.
    """
    part = target.with_name(target.name + PART_SUFFIX)
    with _mapped(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file:
            _lock(file, target)
            _receive(url, target, file, nbytes, report)
        _accept(part, target, sha256)


class _Broken(Exception):
    """The connection ended before the file did."""


def _receive(url: str, target: Path, file: BinaryIO, nbytes: int | None, report: Report) -> None:
    """Add to a partial file what it lacks, over as many connections as that takes."""
    for left in reversed(range(ATTEMPTS)):
        before = file.tell()
        try:
            return _continue(url, target, file, nbytes, report)
        except _Broken as broken:
            if not left or file.tell() == before:
                raise _failed(url, target, str(broken)) from broken


def _continue(url: str, target: Path, file: BinaryIO, nbytes: int | None, report: Report) -> None:
    """Add what one connection brings."""
    if file.tell() == nbytes:
        return
    with _answer(url, target, file.tell()) as answer:
        if answer.status != _PARTIAL:  # the server sends all of it, whatever it was asked for
            file.truncate(0)
            file.seek(0)
        length = answer.getheader("Content-Length")
        total = file.tell() + int(length) if length else nbytes
        _check_space(target.parent, 0 if total is None else total - file.tell())
        _copy(answer, file, target.name, total, report)
    if total is not None and file.tell() < total:
        raise _Broken(f"the end after {file.tell()} of {total} bytes")


def _copy(
    answer: http.client.HTTPResponse,
    file: BinaryIO,
    name: str,
    total: int | None,
    report: Report,
) -> None:
    while chunk := _read(answer):
        file.write(chunk)
        report(Transfer(name, file.tell(), total))
    file.flush()


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read(_CHUNK_BYTES)
    except http.client.IncompleteRead as error:
        return error.partial
    except OSError as error:
        raise _Broken(str(error)) from error


def _answer(url: str, target: Path, start: int) -> http.client.HTTPResponse:
    """The server's answer, from byte `start` on if it agrees."""
    headers = {"User-Agent": "biprompt", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        answer: http.client.HTTPResponse = urlopen(
            Request(url, headers=headers), timeout=_TIMEOUT_SECONDS
        )
    except HTTPError as error:
        error.close()
        if error.code == _NOTHING_LEFT and start:  # what is here is longer than what is there
            return _answer(url, target, 0)
        raise _failed(url, target, f"HTTP {error.code} {error.reason}") from error
    except (URLError, OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise _failed(url, target, f"no answer from the network: {reason}") from error
    return answer


def _accept(part: Path, target: Path, sha256: str | None) -> None:
    """Give a whole file its name; one of another content is removed."""
    if sha256 is not None:
        try:
            check_sha256(part, sha256)
        except WeightsError:
            part.unlink()
            raise
    part.replace(target)


def _lock(file: BinaryIO, target: Path) -> None:
    """Fail where another process adds to the same file; the lock ends with the process."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows does not let two programs write one file
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        actual = "another process that downloads it now"
        raise WeightsError(
            "download", expected="one at a time", actual=actual, path=target
        ) from error


def _check_space(folder: Path, nbytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if nbytes > free:
        raise OutputError(
            "disk", expected=f"{nbytes} bytes free", actual=f"{free} bytes", path=folder
        )


def _failed(url: str, target: Path, actual: str) -> WeightsError:
    expected = f"{url} (by other means: put it at {target})"
    return WeightsError("download", expected=expected, actual=actual)


@contextmanager
def _mapped(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        actual = error.strerror or str(error)
        raise OutputError(
            "download", expected="a writable place", actual=actual, path=target
        ) from error
