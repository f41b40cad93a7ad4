"""Values by name on the disk: of a million prompts only the names stay in memory."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import IO

_LENGTH, _PLACE = 4, 8


class Spool:
    """Bytes added under names, taken out name by name in the order in which they were added.

    It lies in a temporary file, which goes with the object.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as this
        weakref.finalize(self, self._file.close)
        self._last: dict[str, int] = {}
        self._end = 0

    def __len__(self) -> int:
        """Return the number of names that are left."""
        return len(self._last)

    def __contains__(self, name: str) -> bool:
        """Whether something is left under a name."""
        return name in self._last

    def __iter__(self) -> Iterator[str]:
        """Yield the names that are left, in order of their first value."""
        return iter(self._last)

    def add(self, name: str, value: bytes) -> None:
        """Add a value."""
        # Every value knows where the one before it of the same name begins.
        before = self._last.get(name, -1)
        head = len(value).to_bytes(_LENGTH, "big") + before.to_bytes(_PLACE, "big", signed=True)
        self._file.seek(self._end)
        self._file.write(head + value)
        self._last[name] = self._end
        self._end += len(head) + len(value)

    def pop(self, name: str) -> list[bytes]:
        """Return the values of a name and forget it; none for an unknown one."""
        place, found = self._last.pop(name, -1), []
        while place >= 0:
            self._file.seek(place)
            length = int.from_bytes(self._file.read(_LENGTH), "big")
            place = int.from_bytes(self._file.read(_PLACE), "big", signed=True)
            found.append(self._file.read(length))
        return found[::-1]
