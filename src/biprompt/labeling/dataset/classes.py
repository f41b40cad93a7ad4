"""The classes of a data set, looked up fast also where every image has labels of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from biprompt.io.formats.objects import COLOURS, Rgb


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a data set.

    Attributes:
        names: in order.
        numbers: of each name, from 0.
        lines: the same of each name on one line, in order.
    """

    names: tuple[str, ...]
    numbers: Mapping[str, int] = field(init=False)
    lines: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Number the names."""
        numbers = {name: number for number, name in enumerate(self.names)}
        object.__setattr__(self, "numbers", numbers)
        lines = {" ".join(name.split()): number for name, number in numbers.items()}
        object.__setattr__(self, "lines", lines)

    @classmethod
    def of(cls, labels: Iterable[str], more: Iterable[str]) -> Classes:
        """Return the labels in order, then what people added, sorted."""
        known = dict.fromkeys(labels)
        return cls((*known, *sorted(set(more) - set(known))))

    def colour(self, name: str) -> Rgb:
        """Return the colour of a class: the same in every image."""
        return COLOURS[self.numbers[name] % len(COLOURS)]
