"""Storage behind a URL, through fsspec: s3://, gs://, memory:// and whatever else it knows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

from biprompt.errors import InputError, MissingExtraError, OutputError
from biprompt.labeling.storage import Log

SPOOL_BYTES = 64 * 2**20


def open_filesystem(url: str) -> tuple[Any, str]:
    """Return the fsspec file system of a URL, and the path in it.

    Raises:
        MissingExtraError: fsspec, or the package that it needs for this URL, is not installed.
        InputError: fsspec knows no such URL.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError("ray", f"the URL {url}") from error
    try:
        found, path = url_to_fs(url)
    except ImportError as error:
        expected = "a package that fsspec can use for it"
        raise InputError("URL", expected=expected, actual=error, path=url) from error
    except ValueError as error:
        raise InputError("URL", expected="one that fsspec knows", actual=error, path=url) from error
    return found, path.rstrip("/")


class UrlStorage:
    """A folder behind a URL. Files are whole where the store writes whole objects, as S3 does."""

    # Every sync of a log writes the whole object again.
    sync_seconds = 30.0

    def __init__(self, url: str) -> None:
        """Connect; errors as in `open_filesystem`."""
        self._url = url.rstrip("/")
        self._files, self._root = open_filesystem(self._url)

    def where(self, name: str = "") -> str:
        """See `Storage`."""
        return f"{self._url}/{name}" if name else self._url

    def names(self, folder: str) -> list[str]:
        """See `Storage`."""
        try:
            found = self._files.find(self._path(folder), maxdepth=1)
        except FileNotFoundError:
            return []
        return sorted(path.rsplit("/", 1)[-1] for path in found)

    def open(self, name: str) -> BinaryIO:
        """See `Storage`."""
        return cast(BinaryIO, self._files.open(self._path(name), "rb"))

    @contextmanager
    def writing(self, name: str, *, sync: bool = True) -> Iterator[BinaryIO]:
        """See `Storage`."""
        # Not opened over there: leaving that block by an error would store half a file.
        with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool:
            yield cast(BinaryIO, spool)
            spool.seek(0)
            self._store(name, spool)

    def log(self, name: str) -> Log:
        """See `Storage`."""
        return UrlLog(self, name)

    def remove(self, name: str) -> None:
        """See `Storage`."""
        if self._files.exists(self._path(name)):
            self._files.rm(self._path(name), recursive=True)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _store(self, name: str, source: IO[bytes]) -> None:
        path = self._path(name)
        try:
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            with self._files.open(path, "wb") as file:
                while data := source.read(2**20):
                    file.write(data)
        except Exception as error:  # every store has errors of its own
            expected, actual = "a place to write to", str(error) or type(error).__name__
            where = self.where(name)
            raise OutputError("output", expected=expected, actual=actual, path=where) from error


class UrlLog:
    """An object that is written anew, longer, at each sync: objects cannot be appended to."""

    def __init__(self, storage: UrlStorage, name: str) -> None:
        """Begin with nothing."""
        self._storage, self._name = storage, name
        self._data = bytearray()
        self._stored = 0

    def add(self, data: bytes) -> None:
        """See `Log`."""
        self._data += data

    def sync(self) -> None:
        """See `Log`."""
        if self._stored != len(self._data):
            with self._storage.writing(self._name) as file:
                file.write(self._data)
            self._stored = len(self._data)

    def close(self) -> None:
        """See `Log`."""
        self.sync()
