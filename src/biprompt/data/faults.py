"""What is wrong with single entries of a data set: raised at the first one, or kept and skipped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TypeVar

from biprompt.errors import InputError

MOST_KEPT = 1000
"""Messages kept; further ones are only counted."""
_VARYING = re.compile(r"'[^']*'|\d+")

_Entry = TypeVar("_Entry")
_Made = TypeVar("_Made")


class Faults:
    """Where readers report an entry that cannot be used.

    Attributes:
        skip: False: the first fault is raised. True: faults are kept and the entry is left out.
        found: the first `MOST_KEPT` of them, in the order they were met.
    """

    def __init__(self, *, skip: bool = False) -> None:
        """Start without faults."""
        self.skip = skip
        self.found: list[InputError] = []
        self._kinds: Counter[str] = Counter()
        self._met: set[bytes] = set()

    def report(self, error: InputError) -> None:
        """Raise a fault, or keep it where faults are skipped; the same one counts once.

        Raises:
            InputError: the fault itself.
        """
        if not self.skip:
            raise error
        digest = blake2b(str(error).encode("utf-8", "replace"), digest_size=8).digest()
        if digest in self._met:  # met in another epoch, or by another part of the same file
            return
        self._met.add(digest)
        self._kinds[_VARYING.sub("…", error.what)] += 1
        if len(self.found) < MOST_KEPT:
            self.found.append(error)

    def each(
        self, entries: Iterable[_Entry], make: Callable[[_Entry], Iterable[_Made]]
    ) -> Iterator[_Made]:
        """Yield what is made of each entry; of one that cannot be used, nothing more.

        Raises:
            InputError: an entry cannot be used, and faults are not skipped.
        """
        for entry in entries:
            try:
                yield from make(entry)
            except InputError as error:
                self.report(error)

    @property
    def count(self) -> int:
        """How many there were, those no longer kept included."""
        return self._kinds.total()

    def lines(self, most: int = 20) -> list[str]:
        """Return a small report: how many of each kind, then the first messages.

        Args:
            most: messages to show.
        """
        if not self.count:
            return []
        kinds = ", ".join(f"{count} x {kind}" for kind, count in self._kinds.most_common())
        shown = [str(error) for error in self.found[:most]]
        rest = self.count - len(shown)
        more = [f"and {rest} more"] if rest else []
        return [f"{self.count} entries skipped: {kinds}", *shown, *more]
