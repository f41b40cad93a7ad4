"""A measured number: a few repeats, of which the smallest and the median are told."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of some repeats, in seconds or in bytes."""

    values: tuple[float, ...]

    @property
    def least(self) -> float:
        """The smallest: what it takes when nothing else is in the way."""
        return min(self.values)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, every repeat among them."""
        return {"min": self.least, "median": self.median, "values": list(self.values)}


def repeat(
    action: Callable[[], object], times: int, *, warm_up: int = 1, clock: Clock = time.perf_counter
) -> Sample:
    """Time an action in seconds.

    Args:
        action: what is timed.
        times: repeats that count.
        warm_up: repeats before them that do not.
        clock: tells seconds: of the wall, or of the processor.
    """
    for _ in range(warm_up):
        action()
    return Sample(tuple(_seconds(action, clock) for _ in range(times)))


def gather(values: Iterable[float]) -> Sample:
    """Return values measured elsewhere as a sample."""
    return Sample(tuple(values))


def _seconds(action: Callable[[], object], clock: Clock) -> float:
    started = clock()
    action()
    return clock() - started
