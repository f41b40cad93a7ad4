"""Sums that add up to the same bits however a data set was divided among processes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any, ClassVar, Self, TypeVar

_UNITS = 1 << 1074  # every finite float64 is a whole number of 2**-1074


class Mergeable:
    """A frozen dataclass of sums: `a + b` adds field by field.

    Fields are whole numbers, arrays of them, other sums, or tuples and mappings of these; a name
    that only one mapping has is kept. The order of the parts does not count.
    """

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __add__(self, other: Self) -> Self:
        """Return the sums of both parts; ValueError where their tuples differ in length."""
        names = self.__dataclass_fields__
        return type(self)(*(_added(getattr(self, n), getattr(other, n)) for n in names))


M = TypeVar("M", bound=Mergeable)


def merged(parts: Iterable[M], nothing: M) -> M:
    """Return the sums of all parts, `nothing` where there is none."""
    return reduce(lambda one, other: one + other, parts, nothing)


@dataclass(frozen=True, slots=True)
class ExactSum(Mergeable):
    """The sum of some float64 numbers without any rounding.

    Attributes:
        units: the sum in units of 2**-1074.
        count: how many numbers.
    """

    units: int = 0
    count: int = 0

    @classmethod
    def of(cls, values: Iterable[float]) -> ExactSum:
        """Sum finite numbers; ValueError or OverflowError for NaN or infinity."""
        units = [_units(value) for value in values]
        return cls(sum(units), len(units))

    @property
    def total(self) -> float:
        """The sum, rounded once: what `math.fsum` returns."""
        return float(Fraction(self.units, _UNITS))

    @property
    def mean(self) -> float:
        """The mean, equal to `biprompt.metrics.mean` of the numbers; NaN of nothing."""
        return self.total / self.count if self.count else math.nan


NOTHING = ExactSum()
"""The sum of no number."""


def _units(value: float) -> int:
    numerator, denominator = float(value).as_integer_ratio()
    return numerator * (_UNITS // denominator)


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(_added(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, Mapping):
        return {name: _either(one, other, name) for name in sorted({*one, *other})}
    return one + other


def _either(one: Mapping[Any, Any], other: Mapping[Any, Any], name: Any) -> Any:
    if name in one and name in other:
        return _added(one[name], other[name])
    return one[name] if name in one else other[name]
