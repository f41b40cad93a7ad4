"""The most recently used values, up to a number of bytes. Touched by the event loop only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteLru(Generic[K, V]):
    """Values by key; the least recently used ones go when they hold too many bytes.

    Args:
        limit: bytes; a value larger than this is not kept.
        size: bytes of a value.
        dropped: told of each value that had to go, not of those taken out by `pop`.
    """

    def __init__(
        self,
        limit: int,
        size: Callable[[V], int],
        dropped: Callable[[K, V], None] = lambda key, value: None,
    ) -> None:
        self.limit = limit
        self.nbytes = 0
        self._size, self._dropped = size, dropped
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, now the most recently used, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value as the most recently used."""
        self.pop(key)
        self._kept[key] = value
        self.nbytes += self._size(value)
        while self.nbytes > self.limit:
            self.drop(next(iter(self._kept)))

    def pop(self, key: K) -> V | None:
        """Take a value out."""
        value = self._kept.pop(key, None)
        if value is not None:
            self.nbytes -= self._size(value)
        return value

    def drop(self, key: K) -> None:
        """Let a value go, and tell of it."""
        value = self.pop(key)
        if value is not None:
            self._dropped(key, value)

    def items(self) -> Iterator[tuple[K, V]]:
        """Keys and values, the least recently used first; a copy, which may be changed under."""
        return iter(list(self._kept.items()))

    def __contains__(self, key: object) -> bool:
        """Whether it is kept; does not count as use."""
        return key in self._kept

    def __len__(self) -> int:
        """Return the number of values kept."""
        return len(self._kept)
