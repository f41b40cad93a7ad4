"""A few threads with a short queue in front of them; what would wait longer is refused."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from biprompt.server.refusals import busy

T = TypeVar("T")
_MEMORY = 0.8
"""How much the time a call takes is remembered from call to call."""


class Pace:
    """How long a call takes, and so when a place will be free."""

    def __init__(self, threads: int) -> None:
        self._threads, self._seconds = threads, 0.0

    def add(self, seconds: float) -> None:
        """Learn from one more call."""
        old = self._seconds or seconds
        self._seconds = _MEMORY * old + (1 - _MEMORY) * seconds

    def until_free(self, waiting: int) -> int:
        """Whole seconds, 1 to 60, in which as many calls will be done as wait now."""
        return min(max(1, math.ceil(waiting * self._seconds / self._threads)), 60)


class Lane:
    """Runs work of one kind in threads of its own.

    Args:
        name: of the kind of work, for refusals and metrics.
        threads: pieces of work at a time.
        waiting: pieces that may wait for a thread.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self.name, self.busy = name, 0
        self._room = threads + waiting
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, f"biprompt-{name}")
        self._pace = Pace(threads)

    @property
    def waiting(self) -> int:
        """How many pieces of work wait for a thread."""
        return max(0, self.busy - self._threads)

    def submit(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Let a thread do the work; cancelling what is returned undoes work that has not begun.

        Raises:
            Refusal: too much waits already.
        """
        if self.busy >= self._room:
            raise busy(self.name, self._pace.until_free(self.waiting))
        loop = asyncio.get_running_loop()
        self.busy += 1
        done = self._pool.submit(self._timed, work, loop)
        done.add_done_callback(lambda _: on_loop(loop, self._free))
        return asyncio.wrap_future(done)

    def close(self) -> None:
        """Let go of the threads; what has not begun is not done."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _timed(self, work: Callable[[], T], loop: asyncio.AbstractEventLoop) -> T:
        started = time.perf_counter()
        try:
            return work()
        finally:
            seconds = time.perf_counter() - started
            on_loop(loop, lambda: self._pace.add(seconds))

    def _free(self) -> None:
        self.busy -= 1


def on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """Let the event loop make a call; nothing happens when the loop is closed already."""
    # A thread may outlive the loop of a server that was stopped.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call)
