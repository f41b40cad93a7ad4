"""The classes of a set, and what one photograph gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.data.samples import SemanticSample
from biprompt.metrics import Confusion

VARIANTS: Mapping[str, str] = {
    "refusing": "every class asked, refused ones left out",
    "always": "every class asked, none refused",
    "told": "only classes that are there, none refused",
}
"""Label maps of one photograph; the first is the result."""
REST = "background"
"""What is none of the classes, in sets that have no class for it."""

Cells = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Classes:
    """How the classes of a set are counted.

    Attributes:
        names: of the set, by class index.
        background: index of the class that is everything else, None where the set has none.
        partial: not every pixel is labelled: what is not is background.
        ignored: pixels of the background count nowhere, and it is no class.
        unseen: indices of the classes that published methods keep out of training.
    """

    names: tuple[str, ...]
    background: int | None = None
    partial: bool = False
    ignored: bool = False
    unseen: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, sample: SemanticSample, *, partial: bool, ignored: bool, unseen: tuple[int, ...]
    ) -> Classes:
        """Take the classes of a set's first sample."""
        return cls(sample.classes, sample.background, partial, ignored, unseen)

    @property
    def rest(self) -> int:
        """Number of what no class claims: the background, or one after all classes."""
        return len(self.names) if self.background is None else self.background

    @property
    def count(self) -> int:
        """How many numbers a label map may hold."""
        return len(self.names) + (self.background is None)

    @property
    def asked(self) -> list[int]:
        """Indices of the classes that are asked for."""
        return [index for index in range(len(self.names)) if index != self.background]

    @property
    def counted(self) -> list[int]:
        """Indices of the classes whose IoU the mIoU is the mean of."""
        return self.asked if self.ignored else list(range(len(self.names)))

    @property
    def has_rest(self) -> bool:
        """Whether pixels of the background count."""
        return not self.ignored and (self.background is not None or self.partial)

    def label(self, number: int) -> str:
        """Return what a number of a label map is called."""
        if number < len(self.names):
            return self.names[number]
        return REST if self.partial else "nothing"


@dataclass(frozen=True, slots=True)
class MapRun:
    """What one photograph gave.

    Attributes:
        key: of the photograph.
        cells: by variant, (true number, number in the map, pixels) of every pair that occurs.
        refused: indices of the classes that the model would say are not there.
        unread: indices of the classes whose names it cannot be asked.
        unknown: indices of the classes whose names mean nothing to it.
    """

    key: str
    cells: Mapping[str, Cells]
    refused: Sequence[int]
    unread: Sequence[int]
    unknown: Sequence[int]


def cells_of(found: Confusion) -> list[tuple[int, int, int]]:
    """Return (row, column, count) of every cell of a confusion that is not 0."""
    rows, columns = np.nonzero(found.counts)
    counts = found.counts[rows, columns]
    return list(zip(rows.tolist(), columns.tolist(), counts.tolist(), strict=True))


def counts_of(cells: Cells, count: int) -> npt.NDArray[np.int64]:
    """Return the (C, C) int64 confusion of some cells."""
    counts = np.zeros((count, count), np.int64)
    for row, column, pixels in cells:
        counts[row, column] += pixels
    return counts
