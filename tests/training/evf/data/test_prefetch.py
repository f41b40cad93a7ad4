from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from itertools import count, islice

import pytest
from tests.training.evf.data.conftest import Numbers

from biprompt.data.faults import Faults
from biprompt.errors import DataError, ImageError, ModelError
from biprompt.training.evf.data.prefetch import in_order
from biprompt.training.evf.data.stream import Stream

THREE = [Numbers("a", 7), Numbers("b", 40)]


def keys(stream: Stream, workers: int, numbers: list[int]) -> list[str]:
    made = in_order(stream.sample, numbers, workers=workers, faults=stream.faults)
    return [sample.key + sample.phrases[0] for sample in made]


def test_processes_change_nothing() -> None:
    numbers = [5, 3, 3, 100, 7, 1000, 0, 12, 13, 14, 15]
    here = keys(Stream(THREE, seed=1), 0, numbers)
    assert keys(Stream(THREE, seed=1), 2, numbers) == here
    assert here == [s.key + s.phrases[0] for s in map(Stream(THREE, seed=1).sample, numbers)]


def negated(number: int) -> int:
    if number == 6:
        raise DataError("number", expected="another", actual=number, path="six.jpg")
    return -number


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_comes_in_its_turn_and_as_it_is(workers: int) -> None:
    made: Iterator[int] = in_order(negated, range(20), workers=workers)
    assert list(islice(made, 6)) == [0, -1, -2, -3, -4, -5]
    with pytest.raises(DataError, match=r"^six\.jpg: number: expected another, got 6$"):
        next(made)


@pytest.mark.parametrize("workers", [0, 2])
def test_keys_may_have_no_end(workers: int) -> None:
    made = in_order(str, count(), workers=workers)
    assert list(islice(made, 5)) == ["0", "1", "2", "3", "4"]
    made.close()


def test_faults_of_other_processes_come_here() -> None:
    faults = Faults(skip=True)
    stream = Stream([Numbers("a", 8, broken=frozenset([2, 5]))], seed=0, faults=faults)
    found = keys(stream, 2, list(range(32)))
    assert all(name not in key for key in found for name in ("a/2", "a/5"))
    assert faults.count == 2, "each once, whoever met it"
    assert all(isinstance(fault, ImageError) for fault in faults.found)
    assert {fault.path for fault in faults.found} == {"2.jpg", "5.jpg"}


def leaving(number: int) -> int:
    if number == 3:
        os._exit(9)
    return number


def test_a_process_that_is_gone() -> None:
    with pytest.raises(ModelError, match="a process that makes samples ended by itself"):
        list(in_order(leaving, range(20), workers=1))


SCRIPT = """
import sys, time
from itertools import count
from biprompt.training.evf.data.prefetch import in_order

def slow(number):
    time.sleep(0.01)
    return number

try:
    for made in in_order(slow, count(), workers=2):
        if made == 3:
            import multiprocessing
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_ctrl_c_ends_this_process_and_the_others() -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None and run.stderr is not None
    children = [int(pid) for pid in run.stdout.readline().split()]
    assert len(children) == 2
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: the whole group
    errors = run.communicate(timeout=60)[1]
    assert run.returncode == 130, errors
    assert "Traceback" not in errors
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
