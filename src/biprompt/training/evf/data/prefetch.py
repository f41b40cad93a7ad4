"""Work done ahead by other processes, in the order in which it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Generic, TypeVar

from torch.utils.data import DataLoader, Dataset

from biprompt.data.faults import Faults
from biprompt.errors import BipromptError, InputError, ModelError
from biprompt.training.workers import leave_signals_to_the_parent, processes_for

Key = TypeVar("Key")
Made = TypeVar("Made")

AHEAD = 2
"""Pieces of work that wait in each process."""


def in_order(
    make: Callable[[Key], Made],
    keys: Iterable[Key],
    *,
    workers: int,
    faults: Faults | None = None,
) -> Generator[Made]:
    """Yield what is made of each key, in the order of the keys, made ahead by processes.

    The number of processes changes nothing that is yielded. Ctrl-C reaches this process only; the
    others end when the generator is closed or this process is gone.

    Args:
        make: picklable where processes are not forked; `Stream.sample`, or what makes a batch.
        keys: may have no end.
        workers: processes, no more than there are cores; 0 makes everything here.
        faults: those that `make` reports to, as `Stream.faults`: what the other processes report
            is brought here.

    Raises:
        BipromptError: whatever `make` raises, as it is, in its turn.
        ModelError: a process ended by itself (killed for its memory).
    """
    if not workers:
        for key in keys:
            yield make(key)
        return
    loader = DataLoader(
        _Work(make, faults),
        batch_size=None,
        sampler=keys,
        collate_fn=_as_it_is,
        num_workers=processes_for(workers),
        prefetch_factor=AHEAD,
        worker_init_fn=leave_signals_to_the_parent,
    )
    for made, error, reported in _safely(iter(loader)):
        for fault in reported:
            if faults is not None:
                faults.report(fault)
        if error is not None:
            raise error
        yield made


_Result = tuple[Any, BipromptError | None, list[InputError]]


class _Work(Dataset[_Result], Generic[Key, Made]):
    """Makes what belongs to a key; errors travel as values, since the loader would rewrite them."""

    def __init__(self, make: Callable[[Key], Made], faults: Faults | None) -> None:
        self.make, self.faults = make, faults

    def __getitem__(self, key: Any) -> _Result:
        made, raised = None, None
        before = 0 if self.faults is None else len(self.faults.found)
        try:
            made = self.make(key)
        except BipromptError as error:
            raised = error
        return made, raised, [] if self.faults is None else self.faults.found[before:]


def _as_it_is(result: Any) -> Any:
    return result


def _safely(results: Iterator[_Result]) -> Iterator[_Result]:
    try:
        yield from results
    except RuntimeError as error:  # the loader has no error of its own for a process that is gone
        if "DataLoader worker" not in str(error):
            raise
        raise ModelError(f"a process that makes samples ended by itself: {error}") from error
