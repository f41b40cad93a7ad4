"""Work shared among processes comes back in order, and their ends are told plainly."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from biprompt.errors import InputError, ModelError, PromptError
from biprompt.evaluation.baselines import Painted, whole_image
from biprompt.evaluation.model import Contender
from biprompt.evaluation.sharding import in_order

LOAD = partial(Contender, "whole image", "1", Painted("whole image", whole_image))
MANY = tuple(range(7))


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(Path(__file__).parent)  # workers inherit the path
    import sharded_work

    yield sharded_work
    assert multiprocessing.active_children() == []


def test_results_come_in_the_order_of_the_tasks(work: ModuleType) -> None:
    expected = [("whole image", n) for n in MANY for _ in range(n % 3)]
    for processes in (1, 2, 3):
        assert list(in_order(work.named, MANY, LOAD, processes=processes)) == expected


def test_the_faster_waits_for_the_slower(work: ModuleType) -> None:
    assert list(in_order(work.slow_first, MANY, LOAD, processes=2)) == list(MANY)


def test_a_single_task_or_none_needs_no_process() -> None:
    assert list(in_order(lambda contender, n: [n], [5], LOAD, processes=4)) == [5]
    assert list(in_order(lambda contender, n: [n], [], LOAD, processes=4)) == []


def test_an_error_of_a_worker_is_raised_here(work: ModuleType) -> None:
    found = in_order(work.refused, MANY, LOAD, processes=2)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(PromptError, match="box: expected one, got none"):
        next(found)


def test_a_worker_that_dies_is_told(work: ModuleType) -> None:
    with pytest.raises(ModelError, match="a worker process died"):
        list(in_order(work.dying, MANY, LOAD, processes=2))


def test_who_stops_early_ends_the_workers(work: ModuleType) -> None:
    found = in_order(work.named, MANY, LOAD, processes=2)
    next(found)
    assert multiprocessing.active_children()  # a quick one may have done its share
    found.close()  # type: ignore[attr-defined]  # a generator; the fixture counts what is left


def test_ctrl_c_is_for_this_process_alone(work: ModuleType) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert all(in_order(work.ignores_interrupts, MANY, LOAD, processes=2))
    assert signal.getsignal(signal.SIGINT) is before


def test_less_than_one_process_is_refused() -> None:
    with pytest.raises(InputError, match="processes: expected at least 1, got 0"):
        list(in_order(lambda contender, n: [n], MANY, LOAD, processes=0))
