"""Numbers along the axis of a chart: round ticks, and where a number lies in pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_SLACK = 1e-9
"""Share of a step that rounding may cost; a tick at the very end of an axis is kept."""

_LONG = 6
"""Powers of ten from which a label is written as 1e+06."""


@dataclass(frozen=True, slots=True)
class Step:
    """The distance between ticks, `digit` times ten to the `power`; both whole, so exact."""

    digit: int
    power: int

    @property
    def value(self) -> float:
        """The distance itself."""
        return self.times(1)

    def times(self, count: int) -> float:
        """Return so many steps, rounded once."""
        steps = count * self.digit
        return float(steps / 10**-self.power if self.power < 0 else steps * 10**self.power)

    def label(self, value: float) -> str:
        """Return a tick for a person, with the decimals that the step has."""
        if abs(self.power) >= _LONG:
            return f"{value:g}"
        return f"{value + 0.0:,.{max(0, -self.power)}f}"

    def number(self, value: float) -> str:
        """Return a number between ticks with a digit or two more than they have, "-" for none."""
        if not math.isfinite(value):
            return "-"
        if abs(self.power) >= _LONG:
            return f"{value:.4g}"
        return f"{value + 0.0:,.{max(0, 1 - self.power, min(3, 2 - self.power))}f}"


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers to pixels along an axis, evenly.

    Attributes:
        low: the number at `start`.
        high: the number at `end`, another one.
        start: in pixels.
        end: in pixels.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a number in pixels."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def nice_step(low: float, high: float, most: int) -> Step:
    """Return the least step of 1, 2 or 5 times a power of ten with at most `most` steps between.

    Where no multiple of it lies in the range, the next finer one.
    """
    step = _coarse_step(low, high, most)
    return step if ticks(low, high, step) else _FINER[step.digit](step.power)


_FINER: Mapping[int, Callable[[int], Step]] = {
    1: lambda power: Step(5, power - 1),
    2: lambda power: Step(1, power),
    5: lambda power: Step(2, power),
}


def _coarse_step(low: float, high: float, most: int) -> Step:
    least = (high - low) / most
    power = math.floor(math.log10(least))
    for digit in (1, 2, 5):
        step = Step(digit, power)
        if step.value >= least * (1 - _SLACK):
            return step
    return Step(1, power + 1)


def ticks(low: float, high: float, step: Step) -> tuple[float, ...]:
    """Return the multiples of a step from `low` to `high`, both included."""
    first = math.ceil(low / step.value - _SLACK)
    last = math.floor(high / step.value + _SLACK)
    return tuple(step.times(count) for count in range(first, last + 1))


def fitted(low: float, high: float, most: int) -> tuple[float, float]:
    """Return the ends of an axis that begins and ends on a tick and holds both numbers."""
    step = nice_step(low, high, most)
    first = math.floor(low / step.value + _SLACK)
    last = math.ceil(high / step.value - _SLACK)
    return step.times(first), step.times(last)


def span(values: Iterable[float]) -> tuple[float, float]:
    """Return the least and the greatest finite number; apart where they are one or none."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    if high - low > _SLACK * max(abs(low), abs(high)):
        return low, high
    off = abs(low) / 10
    return (low - off, high + off) if off else (0.0, 1.0)
