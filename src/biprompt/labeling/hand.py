"""What runs in a worker process: read the next images in a thread while the model works on one."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Protocol

from biprompt.errors import BipromptError, ModelError
from biprompt.labeling.labeller import Facts, Read
from biprompt.labeling.values import Item


class Hand(Protocol):
    """What a worker holds; `Labeller` is one.

    Attributes:
        facts: which model that is.
    """

    facts: Facts

    def read(self, item: Item) -> Read:
        """Read the image of an item; runs in a thread of its own."""
        ...

    def answer(self, item: Item, read: Read) -> bytes:
        """Return the line of an item."""
        ...


Load = Callable[[], Hand]
"""Makes one, in the process that calls it; must be fit to be pickled."""


class Workers(Protocol):
    """Whoever does the items: `Crew` on this machine. A context that begins and ends them."""

    def __enter__(self) -> Workers:
        """Begin."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, whatever is still being done."""
        ...

    def facts(self) -> Facts:
        """Return which model they have loaded."""
        ...

    def run(self, items: Iterable[Item]) -> Iterator[bytes]:
        """Yield the line of every item, in any order; a line that comes twice does no harm."""
        ...


def serve(pipe: Connection[Any, Any], load: Load) -> None:
    """Load, send the facts, then a line for each item that comes, in order, until the pipe ends.

    Whatever is raised is sent too, and ends this.
    """
    try:
        hand = load()
        pipe.send(hand.facts)
        _work(pipe, hand)
    except (EOFError, ConnectionError):
        return  # the process that started this one has gone
    except Exception as error:  # whatever it is, the other side raises it
        _send_error(pipe, error)


def _work(pipe: Connection[Any, Any], hand: Hand) -> None:
    read: queue.SimpleQueue[tuple[Item, Read] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(pipe, hand, read), daemon=True).start()
    while not isinstance(ready := read.get(), Exception):
        pipe.send(hand.answer(*ready))
    raise ready


def _read(
    pipe: Connection[Any, Any],
    hand: Hand,
    ready: queue.SimpleQueue[tuple[Item, Read] | Exception],
) -> None:
    """Read images as items come; as it never waits for the model, the pipe is never full for long.

    The other side keeps the number of items small.
    """
    try:
        while True:
            item: Item = pipe.recv()
            ready.put((item, hand.read(item)))
    except Exception as error:  # raised by the thread that works
        ready.put(error)


def _send_error(pipe: Connection[Any, Any], error: Exception) -> None:
    if not isinstance(error, BipromptError):
        error = ModelError(f"a worker process failed: {type(error).__name__}: {error}")
    try:
        pipe.send(error)
    except OSError:
        return
