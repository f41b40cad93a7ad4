"""Files of some hundred embeddings: written one after the other, read in place.

::

    "BPEMBED1"
    then records, each: the length of the header as uint64, little endian; the header, JSON with
        content, variant, arrays (name, dtype, shape) and check, the CRC-32 of the payload; zeros
        up to a multiple of 64; the payload, that is the arrays, each filled up to a multiple of 64
    at the end of a finished file: the index, a JSON list of (place of the record, length of its
        header, header); the length of the index as uint64, its CRC-32 as uint32, "BPEMBEND"

A file that is being written is called `.part`. It holds whole records up to where its writer was
stopped, even by kill -9, and those count; a finished file has to be whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError, OutputError

WHOLE, PART = ".embeddings", ".part"
_MAGIC, _END = b"BPEMBED1", b"BPEMBEND"
_ALIGNED = 64
_LENGTH, _TAIL = struct.Struct("<Q"), struct.Struct("<QI8s")
_DTYPES = {"float16", "float32"}

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the embedding of a picture lies.

    Attributes:
        path: the file.
        content: digest of the picture's pixels.
        variant: what was changed of the picture.
        arrays: (name, dtype, shape, place of its first byte) of each.
        start: where the payload begins.
        stop: where it ends.
        check: CRC-32 of the payload.
    """

    path: Path
    content: str
    variant: str
    arrays: tuple[tuple[str, str, tuple[int, ...], int], ...]
    start: int
    stop: int
    check: int


class ShardWriter:
    """Writes one file; `close` gives it its final name."""

    def __init__(self, folder: Path) -> None:
        """Begin a file of a name that nobody else uses.

        Raises:
            OutputError: it cannot be written.
        """
        self.path = folder / f"{secrets.token_hex(8)}{PART}"
        self._index: list[tuple[int, int, dict[str, Any]]] = []
        with _disk(self.path):
            self._file: BinaryIO = open(self.path, "xb")  # noqa: SIM115
            self._file.write(_MAGIC)

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._index)

    def add(self, content: str, variant: str, arrays: Arrays) -> Entry:
        """Write an embedding.

        Raises:
            OutputError: the disk is full or fails.
        """
        payload = b"".join(_filled(np.ascontiguousarray(a).tobytes()) for a in arrays.values())
        header = {
            "content": content,
            "variant": variant,
            "arrays": [[name, a.dtype.name, list(a.shape)] for name, a in arrays.items()],
            "check": zlib.crc32(payload),
        }
        with _disk(self.path):
            at = self._file.tell()
            text = json.dumps(header).encode()
            head = _LENGTH.pack(len(text)) + text
            self._file.write(head + bytes(-(at + len(head)) % _ALIGNED) + payload)
            self._file.flush()
        self._index.append((at, len(text), header))
        return _entry(self.path, at, header, len(text))

    def close(self) -> Path | None:
        """Finish the file and return it under its final name; an empty one is removed."""
        with _disk(self.path):
            if not self._index:
                self._file.close()
                self.path.unlink(missing_ok=True)
                return None
            index = json.dumps(self._index).encode()
            self._file.write(index + _TAIL.pack(len(index), zlib.crc32(index), _END))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            return self.path.replace(self.path.with_suffix(WHOLE))


def read_index(path: Path) -> list[Entry]:
    """Return where the embeddings of a file lie; no payload is read.

    Raises:
        DataError: a finished file is damaged or cut off; it names the file.
    """
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            if path.suffix == PART:
                return list(_scanned(file, path, size))
            return _indexed(file, path, size)
    except OSError as error:
        raise DataError("embeddings", expected="a file", actual=error, path=path) from error


def _indexed(file: BinaryIO, path: Path, size: int) -> list[Entry]:
    file.seek(0)
    begun = file.read(len(_MAGIC)) == _MAGIC
    if not begun or size < len(_MAGIC) + _TAIL.size:
        raise damaged(path, "another kind of file")
    file.seek(size - _TAIL.size)
    length, check, end = _TAIL.unpack(file.read(_TAIL.size))
    if end != _END or length > size:
        raise damaged(path, "one that is cut off")
    file.seek(size - _TAIL.size - length)
    index = file.read(length)
    if zlib.crc32(index) != check:
        raise damaged(path, "one whose index is damaged")
    return [_entry(path, at, header, length) for at, length, header in json.loads(index)]


def _scanned(file: BinaryIO, path: Path, size: int) -> Iterator[Entry]:
    """The whole records of a file that its writer did not finish."""
    file.seek(0)
    at = len(_MAGIC) if file.read(len(_MAGIC)) == _MAGIC else size
    while at + _LENGTH.size <= size:
        file.seek(at)
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        try:
            entry = _entry(path, at, json.loads(file.read(min(length, size))), length)
        except (ValueError, KeyError, TypeError):
            return
        if entry.stop > size:
            return
        yield entry
        at = entry.stop


def _entry(path: Path, at: int, header: dict[str, Any], length: int) -> Entry:
    place = at + _LENGTH.size + length
    place += -place % _ALIGNED
    start, arrays = place, []
    for name, dtype, shape in header["arrays"]:
        if dtype not in _DTYPES:
            raise ValueError(dtype)
        arrays.append((str(name), str(dtype), tuple(map(int, shape)), place))
        nbytes = np.dtype(dtype).itemsize * int(np.prod(shape))
        place += nbytes + -nbytes % _ALIGNED
    content, variant, check = str(header["content"]), str(header["variant"]), int(header["check"])
    return Entry(path, content, variant, tuple(arrays), start, place, check)


def _filled(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNED)


def damaged(path: Path, actual: str) -> DataError:
    """Return the error for a file that is not as it was written."""
    expected = "a whole file (delete it, and what it held is computed again)"
    return DataError("embeddings", expected=expected, actual=actual, path=path)


@contextlib.contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            "embeddings", expected="a place that can be written", actual=error, path=path
        ) from error
