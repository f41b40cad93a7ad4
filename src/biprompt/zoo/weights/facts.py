"""What is known of a tensor before it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

Shape = tuple[int, ...]

ITEM_BYTES: Mapping[str, int] = MappingProxyType(
    {
        "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2,
        "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1,
    }
)  # fmt: skip
"""Bytes of one number, by the name that torch gives its type."""


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """Shape and type of a tensor in a file.

    Attributes:
        shape: as torch has it.
        dtype: the name of its type, such as ``float32``.
    """

    shape: Shape
    dtype: str

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers."""
        return self.count * ITEM_BYTES[self.dtype]


class WeightFile(Protocol):
    """One open file of tensors."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def facts(self) -> Mapping[str, TensorFacts]:
        """Its tensors by name."""
        ...

    @property
    def metadata(self) -> Mapping[str, str]:
        """What it says about itself."""
        ...

    def read(self, name: str) -> Tensor:
        """One of its tensors, on the CPU; where it can be, its numbers are pages of the file."""
        ...
