"""One piece of work after the other, or shared among processes: the same results in the same order.

A worker loads the model for itself and takes every n-th task; its results come back through a pipe
of its own, so that they are read in the order of the tasks whoever was faster. What is kept of them
is then the same, byte by byte, for any number of processes.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from biprompt.errors import InputError, ModelError
from biprompt.evaluation.model import Contender
from biprompt.segmenter.processes import interrupts_ignored

T = TypeVar("T")
R = TypeVar("R")
Load = Callable[[], Contender]
Work = Callable[[Contender, T], Iterable[R]]


def in_order(
    work: Work[T, R], tasks: Sequence[T], load: Load, *, processes: int = 1
) -> Iterator[R]:
    """Yield the results of every task, in the order of the tasks.

    With more than one process, everything must be fit to be pickled, and an interruption of this
    process ends the others.

    Args:
        work: does one task.
        tasks: what to do.
        load: loads the model, once a process.
        processes: how many work at a time; 1 works in this one.

    Raises:
        InputError: less than one process.
        ModelError: a process died.
        Exception: whatever the work raised.
    """
    if processes < 1:
        raise InputError("processes", expected="at least 1", actual=processes)
    count = min(processes, len(tasks))
    yield from _shared(work, tasks, load, count) if count > 1 else _alone(work, tasks, load)


def _alone(work: Work[T, R], tasks: Sequence[T], load: Load) -> Iterator[R]:
    contender = load() if tasks else None
    for task in tasks:
        yield from work(contender, task)  # type: ignore[arg-type]  # loaded, as there are tasks


def _shared(work: Work[T, R], tasks: Sequence[T], load: Load, count: int) -> Iterator[R]:
    with ExitStack() as stack:
        pipes = [
            stack.enter_context(_worker(work, tasks[start::count], load)) for start in range(count)
        ]
        for index in range(len(tasks)):
            yield from _received(pipes[index % count])


@contextmanager
def _worker(work: Work[T, R], tasks: Sequence[T], load: Load) -> Iterator[Connection]:
    # a fork would inherit the locks of a runtime's threads, but not the threads
    context = multiprocessing.get_context("spawn")
    results, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(sender, work, tasks, load), daemon=True)
    with interrupts_ignored():
        process.start()
    sender.close()  # this process's copy: a dead worker then ends the pipe
    try:
        yield results
    finally:
        process.terminate()
        process.join()
        results.close()


def _serve(sender: Connection, work: Work[T, R], tasks: Sequence[T], load: Load) -> None:
    try:
        contender = load()
        for task in tasks:
            sender.send(list(work(contender, task)))
    except Exception as error:  # whatever it is, the other side raises it
        sender.send(error)


def _received(results: Connection) -> Sequence[Any]:
    try:
        found = results.recv()
    except EOFError as error:
        raise ModelError(
            "a worker process died: too little memory, or a script without "
            "`if __name__ == '__main__':`"
        ) from error
    if isinstance(found, Exception):
        raise found
    return list(found)
