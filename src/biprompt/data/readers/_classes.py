"""Class names of data sets, from the lists beside this file: one name a line, in their order."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "classes"


@cache
def class_names(name: str) -> tuple[str, ...]:
    """Return the names of a list; those that its data set never uses begin with a dash."""
    return tuple((_FOLDER / f"{name}.txt").read_text("utf-8").splitlines())


def consecutive(names: tuple[str, ...], first: int) -> dict[int, int]:
    """Return the class index by stored number where the names are numbered from `first` on."""
    return {first + index: index for index in range(len(names))}
