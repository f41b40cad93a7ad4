"""Worker processes that hold the model: each works on one image and reads the next ones meanwhile.

Whoever is free gets the next image, so lines come in any order. A worker that dies is replaced. The
images that it had are tried again, each alone: one that takes a second worker with it fails.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from biprompt.errors import InputError, ModelError
from biprompt.labeling.hand import Load, serve
from biprompt.labeling.labeller import Facts, failure_line
from biprompt.labeling.values import Item
from biprompt.segmenter.processes import interrupts_ignored

AHEAD = 3
"""Images that a worker has at a time: one in work, one read, one being read."""
TRIES = 2
_STOP_SECONDS = 5.0
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Crew:
    """As a context: workers that are started at its beginning and gone at its end.

    Args:
        load: what a worker loads once.
        count: how many workers, at least 1.
        threads: for the numeric libraries of each, told through the environment; 0 tells nothing.
    """

    def __init__(self, load: Load, count: int = 1, threads: int = 0) -> None:
        """Note what to start."""
        if count < 1:
            raise InputError("workers", expected="at least 1", actual=count)
        self._load, self._count, self._threads = load, count, threads
        self._workers: list[_Worker] = []

    def __enter__(self) -> Crew:
        """Start the workers; they load in their own time."""
        self._workers = [self._start() for _ in range(self._count)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers, whatever they are doing."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.end()
        self._workers = []

    def facts(self) -> Facts:
        """Wait until a worker has loaded the model, and return which one that is.

        Raises:
            ModelError: a worker died.
            Exception: whatever loading raised.
        """
        while True:
            for worker in self._workers:
                if worker.facts is not None:
                    return worker.facts
            self._listen()

    def run(self, items: Iterable[Item]) -> Iterator[bytes]:
        """Yield the line of every item, as soon as it is there.

        Raises:
            ModelError: a worker died while it loaded the model.
            Exception: whatever a worker raised: what is not the fault of one image.
        """
        work = _Work(items)
        while True:
            for worker in self._workers:
                work.give_to(worker)
            if work.is_given_out and not any(worker.given for worker in self._workers):
                return
            lines, lost = self._listen()
            yield from lines
            yield from work.take_back(lost)

    def _listen(self) -> tuple[list[bytes], list[Item]]:
        """Wait for any worker: the lines that came, and what workers had that died."""
        workers = {worker.pipe: worker for worker in self._workers}
        lines, lost = list[bytes](), list[Item]()
        for pipe in wait(list(workers)):
            worker = workers[pipe]  # type: ignore[index]  # only pipes were given
            told = worker.hear()
            if isinstance(told, Exception):
                raise told
            if isinstance(told, bytes):
                lines.append(told)
            elif told is None:
                lost += worker.given
                self._replace(worker)
        return lines, lost

    def _replace(self, worker: _Worker) -> None:
        worker.end()
        if worker.facts is None:
            code = worker.process.exitcode
            raise ModelError(
                f"a worker process died (status {code}) while it loaded the model: too "
                "little memory, or a script that labels without `if __name__ == '__main__':`"
            )
        self._workers[self._workers.index(worker)] = self._start()

    def _start(self) -> _Worker:
        # A fork would inherit the locks of a runtime's threads, but not the threads.
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(there, self._load), daemon=True)
        threads = dict.fromkeys(_THREADS, str(self._threads)) if self._threads else {}
        with interrupts_ignored(), _environment(threads):
            process.start()
        there.close()  # this process's copy: a dead worker then ends the pipe
        return _Worker(process, here)


class _Worker:
    """One process.

    Attributes:
        process: it.
        pipe: to it.
        facts: what it loaded; None while it loads.
        given: the items that it has, in the order in which it takes them.
        alone: whether what it has is tried again.
    """

    def __init__(self, process: BaseProcess, pipe: Connection[Any, Any]) -> None:
        self.process, self.pipe = process, pipe
        self.facts: Facts | None = None
        self.given: deque[Item] = deque()
        self.alone = False

    def give(self, item: Item, *, alone: bool = False) -> None:
        """Send an item; that a worker has died is heard later."""
        self.given.append(item)
        self.alone = alone
        with contextlib.suppress(OSError):
            self.pipe.send(item)

    def hear(self) -> Facts | bytes | Exception | None:
        """What it says next; None where it has died."""
        try:
            told: Facts | bytes | Exception = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if isinstance(told, bytes):
            self.given.popleft()
            self.alone = False
        elif isinstance(told, Facts):
            self.facts = told
        return told

    def end(self) -> None:
        """Wait for its end, for a while, then end it."""
        self.pipe.close()
        self.process.join(_STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class _Work:
    """The items that are left: fresh ones, and suspects of having taken a worker with them."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._fresh = iter(items)
        self._suspects: deque[Item] = deque()
        self._tries: dict[int, int] = {}
        self._over = False

    @property
    def is_given_out(self) -> bool:
        """Whether there is nothing left to give."""
        return self._over and not self._suspects

    def give_to(self, worker: _Worker) -> None:
        """Give a worker as much as it should have."""
        if worker.facts is None or worker.alone:
            return
        if self._suspects and not worker.given:
            worker.give(self._suspects.popleft(), alone=True)
        # While suspects wait, workers are left to become free for them.
        while not self._suspects and not worker.alone and len(worker.given) < AHEAD:
            item = next(self._fresh, None)
            if item is None:
                self._over = True
                return
            worker.give(item)

    def take_back(self, lost: Iterable[Item]) -> Iterator[bytes]:
        """Suspect what a worker had that died; the lines of those that are suspected again."""
        for item in lost:
            tries = self._tries[item.number] = self._tries.get(item.number, 0) + 1
            if tries < TRIES:
                self._suspects.append(item)
            else:
                yield failure_line(item, "the process that worked on it died, twice")


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Let a process begun here find these variables."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
