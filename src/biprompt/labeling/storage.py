"""Where a run keeps its files: a local folder, or a URL that fsspec knows."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from biprompt.errors import OutputError
from biprompt.io.files import atomic_file


class Log(Protocol):
    """A file that only grows. What was added before `sync` returned survives a power cut."""

    def add(self, data: bytes) -> None:
        """Add bytes at the end; OutputError where there is no room, and nothing is added then."""
        ...

    def sync(self) -> None:
        """Wait until everything is stored."""
        ...

    def close(self) -> None:
        """Sync and close."""
        ...


class Storage(Protocol):
    """A folder of files, whose names have "/" between folders; all errors are `OutputError`.

    Attributes:
        sync_seconds: how often a log is worth a sync here.
    """

    sync_seconds: float

    def where(self, name: str = "") -> str:
        """Return the path or URL of a file, for people and for `open_storage`."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted; none where there is no folder."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading, with seek; FileNotFoundError where there is none."""
        ...

    def writing(
        self, name: str, *, sync: bool = True
    ) -> contextlib.AbstractContextManager[BinaryIO]:
        """Open a file that takes its name, and replaces another, when the block ends well."""
        ...

    def log(self, name: str) -> Log:
        """Begin a new log."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with all in it; nothing happens where there is none."""
        ...


def read(storage: Storage, name: str) -> bytes | None:
    """Return the content of a file, None where there is none."""
    try:
        with storage.open(name) as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(storage: Storage, name: str, data: bytes, *, sync: bool = True) -> None:
    """Write a file whole or not at all; one of that name is replaced."""
    with storage.writing(name, sync=sync) as file:
        file.write(data)


def open_storage(place: str | os.PathLike[str]) -> Storage:
    """Return the storage at a local path or, with "://" in it, at a URL.

    Raises:
        MissingExtraError: fsspec, or what it needs for this URL, is not installed.
        OutputError: there is no such kind of URL.
    """
    if is_url(place):
        from biprompt.labeling.remote import UrlStorage

        return UrlStorage(os.fspath(place))
    return LocalStorage(Path(place))


def is_url(place: object) -> bool:
    """Whether a place is a URL and not a local path."""
    return isinstance(place, str) and "://" in place


class LocalStorage:
    """A local folder; folders are made as they are needed."""

    sync_seconds = 1.0

    def __init__(self, root: Path) -> None:
        """Take the folder; it is made with the first file."""
        self._root = root
        self._made: set[str] = set()

    def where(self, name: str = "") -> str:
        """See `Storage`."""
        return os.path.join(self._root, *filter(None, name.split("/")))

    def names(self, folder: str) -> list[str]:
        """See `Storage`."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found = [entry.name for entry in os.scandir(self.where(folder)) if entry.is_file()]
            return sorted(found)
        return []

    def open(self, name: str) -> BinaryIO:
        """See `Storage`."""
        return open(self.where(name), "rb")

    @contextmanager
    def writing(self, name: str, *, sync: bool = True) -> Iterator[BinaryIO]:
        """See `Storage`."""
        self._make_folder(name)
        with atomic_file(self.where(name), force=True, sync=sync) as file:
            yield file

    def log(self, name: str) -> Log:
        """See `Storage`."""
        self._make_folder(name)
        return LocalLog(self.where(name))

    def remove(self, name: str) -> None:
        """See `Storage`."""
        path = self.where(name)
        with contextlib.suppress(FileNotFoundError), _told(path):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
                self._made.clear()
            else:
                os.unlink(path)

    def _make_folder(self, name: str) -> None:
        folder = os.path.dirname(self.where(name))
        if folder not in self._made:
            with _told(folder):
                os.makedirs(folder, exist_ok=True)
            self._made.add(folder)


class LocalLog:
    """A local file that is appended to; what was added survives the end of this process at once."""

    def __init__(self, path: str) -> None:
        """Begin the file."""
        self._path, self._size = path, 0
        with _told(path):
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)

    def add(self, data: bytes) -> None:
        """See `Log`."""
        try:
            with _told(self._path):
                written = os.write(self._file, data)
                while written < len(data):
                    written += os.write(self._file, data[written:])
        except OutputError:
            # Half a line would only be skipped; without it the file stays as people expect it.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
                os.lseek(self._file, self._size, os.SEEK_SET)
            raise
        self._size += len(data)

    def sync(self) -> None:
        """See `Log`."""
        with _told(self._path):
            os.fsync(self._file)

    def close(self) -> None:
        """See `Log`."""
        try:
            self.sync()
        finally:
            os.close(self._file)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Say what the system says against a file as an OutputError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        expected, actual = "a place to write to", error.strerror
        raise OutputError("output", expected=expected, actual=actual, path=path) from error
