"""The lines of a run on the disk: each item's once, whatever was interrupted and whoever made it.

Lines are appended to shards. A kill at any moment loses the lines on their way and nothing else: a
line that is not whole is skipped, and its item is done again. Every run begins shards of its own.
"""

from __future__ import annotations

import time
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

from biprompt.errors import ModelError
from biprompt.labeling.lines import Head, decode_line, head_of
from biprompt.labeling.storage import Log, Storage

SHARDS = "run/shards"
PER_SHARD = 1000
_OPEN_SHARDS = 8
_NEVER = -1
_FAILED, _DONE = 1, 2
_OFFSET_BITS = 40


class Journal:
    """Keeps the line of each item. In memory an item takes nine bytes.

    Args:
        storage: holds the shards.
        count: how many items there are.
        per_shard: lines in one.

    Attributes:
        done: how many items have a line.
        failed: how many of these are failures.
    """

    def __init__(self, storage: Storage, count: int, per_shard: int = PER_SHARD) -> None:
        """Read which lines are there."""
        self.done = self.failed = 0
        self._storage, self._per_shard = storage, per_shard
        self._state = bytearray(count)
        self._place = array("q", [_NEVER]) * count
        self._log: Log | None = None
        self._shard, self._lines, self._size, self._synced = 0, 0, 0, 0.0
        for name in storage.names(SHARDS):
            self._shard = max(self._shard, int(name.partition(".")[0]) + 1)
            self._read(name)

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self._state)

    def __contains__(self, item: int) -> bool:
        """Whether an item has a line."""
        return self._state[item] > 0

    def has_failed(self, item: int) -> bool:
        """Whether the line of an item is a failure."""
        return self._state[item] == _FAILED

    def add(self, line: bytes) -> bool:
        """Keep a line; False where its item has one already, and nothing is done.

        Answers replace a failure.

        Raises:
            OutputError: there is no room; what was kept before stays.
            ModelError: the line is not whole.
        """
        head = head_of(line)
        if head is None:
            raise ModelError("a worker sent half a line")
        if not self._is_new(head):
            return False
        self._open_log().add(line)
        self._note(head, self._shard - 1, self._size)
        self._size += len(line)
        self._lines += 1
        if time.monotonic() - self._synced >= self._storage.sync_seconds:
            self.sync()
        return True

    def sync(self) -> None:
        """Wait until every line is stored."""
        if self._log is not None:
            self._log.sync()
        self._synced = time.monotonic()

    def close(self) -> None:
        """Sync, and end the shard."""
        log, self._log = self._log, None
        if log is not None:
            log.close()

    def places(self) -> array[int]:
        """Return the numbers of the items that have a line, in order."""
        return array("q", (item for item, state in enumerate(self._state) if state))

    def records(self, items: Iterable[int] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the values of lines, one at a time, in the order of the items.

        Args:
            items: numbers of items that have a line; all of them when left out.
        """
        with ExitStack() as stack:
            shards = _Shards(self._storage, stack)
            for item in self.places() if items is None else items:
                shard, offset = divmod(self._place[item], 1 << _OFFSET_BITS)
                yield decode_line(shards.line(shard, offset))

    def _is_new(self, head: Head) -> bool:
        return self._state[head.item] < (_DONE if head.ok else _FAILED)

    def _note(self, head: Head, shard: int, offset: int) -> None:
        before = self._state[head.item]
        self.done += before == 0
        self.failed += (not head.ok) - (before == _FAILED)
        self._state[head.item] = _DONE if head.ok else _FAILED
        self._place[head.item] = (shard << _OFFSET_BITS) + offset

    def _read(self, name: str) -> None:
        shard, offset = int(name.partition(".")[0]), 0
        with self._storage.open(f"{SHARDS}/{name}") as file:
            for line in file:
                head = head_of(line)
                if head is not None and head.item < len(self._state) and self._is_new(head):
                    self._note(head, shard, offset)
                offset += len(line)

    def _open_log(self) -> Log:
        """The log of the present shard, or of the next one when that is full."""
        if self._log is not None and self._lines < self._per_shard:
            return self._log
        self.close()
        self._log = self._storage.log(shard_name(self._shard))
        self._shard, self._lines, self._size = self._shard + 1, 0, 0
        return self._log


class _Shards:
    """Open shards, a few at a time: lines come nearly in the order of the items."""

    def __init__(self, storage: Storage, stack: ExitStack) -> None:
        self._storage = storage
        self._open: OrderedDict[int, BinaryIO] = OrderedDict()
        stack.callback(self._close, 0)

    def line(self, shard: int, offset: int) -> bytes:
        file = self._open.pop(shard, None) or self._storage.open(shard_name(shard))
        self._open[shard] = file
        self._close(_OPEN_SHARDS)
        file.seek(offset)
        return file.readline()

    def _close(self, most: int) -> None:
        while len(self._open) > most:
            self._open.popitem(last=False)[1].close()


def shard_name(number: int) -> str:
    """Return the name of a shard's file."""
    return f"{SHARDS}/{number:06d}.jsonl"
