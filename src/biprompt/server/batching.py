"""The queue in front of the model: what waits for one image is asked in one call."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from biprompt.segmenter import Segmenter
from biprompt.server.lanes import Pace, on_loop
from biprompt.server.questions import Outcome, Question, answer, rows_per_call
from biprompt.server.refusals import busy

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting(Generic[T]):
    question: Question[T]
    result: asyncio.Future[T]
    since: float = field(default_factory=time.perf_counter)


class Batcher:
    """Answers questions with one model, in a few threads.

    Nothing waits for company: a free thread takes the oldest question at once, and with it those
    of the same image that came while all threads were busy. So a lone click is as fast as it can
    be, and under load the calls grow.

    Args:
        model: answers.
        threads: calls of the model at a time.
        rows: prompts in one call.
        waiting: questions that may wait for a thread.
        told: called after every call of the model with the number of questions, of prompts, and
            the seconds that the oldest had waited.
    """

    def __init__(
        self, model: Segmenter, *, threads: int, rows: int, waiting: int,
        told: Callable[[int, int, float], None],
    ) -> None:  # fmt: skip
        self._model, self._rows, self._room, self._told = model, rows, waiting, told
        self._free = threads
        self._queue: deque[_Waiting[Any]] = deque()
        self._pool = ThreadPoolExecutor(threads, "biprompt-answer")
        self._pace = Pace(threads)

    @property
    def waiting(self) -> int:
        """How many questions wait for a thread."""
        return len(self._queue)

    async def ask(self, question: Question[T]) -> T:
        """The result of a question. When the caller is cancelled, one that waits is not asked.

        Raises:
            Refusal: too many wait already.
            Exception: what building, answering or packing raised.
        """
        if self._free == 0 and len(self._queue) >= self._room:
            raise busy("queue", self._pace.until_free(len(self._queue)))
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(question, result)
        self._queue.append(waiting)
        self._start()
        try:
            return await result
        except asyncio.CancelledError:
            if waiting in self._queue:
                self._queue.remove(waiting)
            raise

    def close(self) -> None:
        """Let go of the threads; what waits is not answered."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for waiting in self._queue:
            waiting.result.cancel()
        self._queue.clear()

    def _start(self) -> None:
        while self._free and self._queue:
            self._call(self._take())

    def _call(self, batch: Sequence[_Waiting[Any]]) -> None:
        loop, started = asyncio.get_running_loop(), time.perf_counter()
        self._free -= 1
        questions = [one.question for one in batch]
        rows = rows_per_call(questions[0].scene, self._rows)
        call = self._pool.submit(answer, self._model, questions, rows)
        call.add_done_callback(
            lambda done: on_loop(loop, lambda: self._ended(batch, started, done))
        )

    def _take(self) -> list[_Waiting[Any]]:
        """The oldest question, and those that can go with it."""
        first = self._queue.popleft()
        rows = rows_per_call(first.question.scene, self._rows)
        batch, room = [first], rows - first.question.count
        for one in list(self._queue):
            if one.question.goes_with(first.question) and one.question.count <= room:
                self._queue.remove(one)
                batch.append(one)
                room -= one.question.count
        return batch

    def _ended(
        self, batch: Sequence[_Waiting[Any]], started: float, done: Future[list[Outcome[Any]]]
    ) -> None:
        self._free += 1
        self._pace.add((time.perf_counter() - started) / len(batch))
        self._told(len(batch), sum(one.question.count for one in batch), started - batch[0].since)
        for one, outcome in zip(batch, done.result(), strict=True):
            if one.result.done():  # its client has gone
                continue
            if outcome.error is None:
                one.result.set_result(outcome.value)
            else:
                one.result.set_exception(outcome.error)
        self._start()
