"""Classes in an image: one number a pixel, or one mask a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biprompt.data.outlines import BoolMask
from biprompt.data.pictures import read_numbers
from biprompt.data.sources import MaskSource
from biprompt.errors import DataError

IGNORE = -1
"""What `LabelMap.decode` writes where a pixel does not count."""
_UNDEFINED = -2


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """A label image and what its numbers mean.

    Attributes:
        path: an image of one channel; palettes give their indices.
        meaning: class index by stored number, or IGNORE. One table serves a whole data set.
    """

    path: Path
    meaning: Mapping[int, int]

    def decode(self) -> NDArray[np.int32]:
        """Return the class index of every pixel, (H, W) int32, IGNORE where none counts.

        Raises:
            ImageError: the file is missing or damaged.
            DataError: several channels, or a number that the data set does not define.
        """
        stored = read_numbers(self.path)
        if stored.ndim != 2 or stored.dtype.kind not in "biu" or stored.min() < 0:
            expected, actual = "one channel of whole numbers", f"{stored.dtype} {stored.shape}"
            raise DataError("label image", expected=expected, actual=actual, path=self.path)
        table = self._table(int(stored.max()) + 1)
        labels = table[stored.astype(np.int64)]
        if (labels == _UNDEFINED).any():
            raise self._undefined(int(stored[labels == _UNDEFINED][0]))
        return labels

    def regions(self) -> Iterator[tuple[int, BoolMask]]:
        """Yield (class index, (H, W) bool) for each class in the image, in rising order."""
        labels = self.decode()
        for index in np.unique(labels):
            if index != IGNORE:
                yield int(index), labels == index

    def ignore_mask(self) -> BoolMask | None:
        """Return where no metric counts, (H, W) bool; None where all pixels count."""
        ignored: BoolMask = self.decode() == IGNORE
        return ignored if ignored.any() else None

    def _table(self, size: int) -> NDArray[np.int32]:
        table = np.full(max(size, 1 + max(self.meaning)), _UNDEFINED, np.int32)
        for number, index in self.meaning.items():
            table[number] = index
        return table

    def _undefined(self, number: int) -> DataError:
        expected = f"one of {len(self.meaning)} numbers up to {max(self.meaning)}"
        return DataError("label", expected=expected, actual=number, path=self.path)


@dataclass(frozen=True, slots=True)
class ClassMasks:
    """A mask for each class that may be in the image; they may overlap.

    Attributes:
        masks: (class index, mask) in rising order, each class once; a mask may turn out empty.
    """

    masks: tuple[tuple[int, MaskSource], ...]

    def regions(self) -> Iterator[tuple[int, BoolMask]]:
        """Yield (class index, (H, W) bool) for each class in the image, in rising order."""
        for index, source in self.masks:
            mask = source.decode()
            if mask.any():
                yield index, mask

    def ignore_mask(self) -> BoolMask | None:
        """Return None: every pixel counts."""
        return None
