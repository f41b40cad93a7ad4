"""What all prompt values have in common: equality by content, and pickling that checks again."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np


def _same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    return bool(a == b)


class Value:
    """Base of the frozen prompt values; two are equal when their fields hold the same content."""

    __slots__ = ()

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        """Compare type and content, arrays element by element."""
        if type(other) is not type(self):
            return NotImplemented
        return all(map(_same, self._parts(), other._parts()))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild through the constructor: copies are checked and their arrays read-only."""
        return type(self), self._parts()
