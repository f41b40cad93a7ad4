"""Work for the tests of sharding: worker processes import it by this name."""

from __future__ import annotations

import os
import signal
import time

from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender


def named(contender: Contender, number: int) -> list[tuple[str, int]]:
    return [(contender.name, number)] * (number % 3)


def slow_first(contender: Contender, number: int) -> list[int]:
    time.sleep(0.3 if number == 0 else 0)
    return [number]


def refused(contender: Contender, number: int) -> list[int]:
    if number == 3:
        raise PromptError("box", expected="one", actual="none")
    return [number]


def dying(contender: Contender, number: int) -> list[int]:
    if number == 3:
        os._exit(9)
    return [number]


def ignores_interrupts(contender: Contender, number: int) -> list[bool]:
    return [signal.getsignal(signal.SIGINT) is signal.SIG_IGN]
