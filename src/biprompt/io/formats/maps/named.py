"""A label map and what its numbers are called: what every format of maps is written from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.formats.objects import LabelledImage, LabelledMask


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One connected or scattered region of a label map that is told apart from others.

    Attributes:
        number: of its class, from 1.
        name: of its class.
        is_thing: whether it is one instance of its class, not all of the class.
        mask: (H, W) bool.
        score: 0 to 1; None where nobody knows.
    """

    number: int
    name: str
    is_thing: bool
    mask: NDArray[np.bool_] = field(repr=False)
    score: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NamedMap:
    """A label map of one image.

    Attributes:
        file_name: of the image.
        labels: (H, W) int32; 0 is none of the classes, `i + 1` is `names[i]`.
        names: of the classes, in order; all of them, there or not.
        scores: of the classes, each 0 to 1 or None.
        instances: (H, W) int32, 0 where no instance is told apart, else its number; one instance
            lies in one class. None where there are none.
        pixels: (H, W, 3) uint8 RGB, for the overlay; None when not at hand.

    Raises:
        InputError: a shape, a dtype, or a number that no class has.
    """

    file_name: str
    labels: NDArray[np.int32] = field(repr=False)
    names: tuple[str, ...]
    scores: tuple[float | None, ...]
    instances: NDArray[np.int32] | None = field(default=None, repr=False)
    pixels: NDArray[np.uint8] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check shapes and numbers."""
        check_labels(self.labels, len(self.names))
        if len(self.scores) != len(self.names):
            raise InputError("scores", expected=len(self.names), actual=len(self.scores))
        if self.instances is not None and self.instances.shape != self.labels.shape:
            expected, actual = f"shape {self.labels.shape}", f"shape {self.instances.shape}"
            raise InputError("instances", expected=expected, actual=actual)

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.labels.shape[0], self.labels.shape[1]

    def regions(self) -> Iterator[Region]:
        """Yield the regions, class by class: its instances, then the rest of it."""
        for number in np.unique(self.labels[self.labels > 0]).tolist():
            whole = self.labels == number
            for instance in self._instances_in(whole):
                yield self._region(number, whole & (self.instances == instance), is_thing=True)
                whole &= self.instances != instance
            if whole.any():
                yield self._region(number, whole, is_thing=False)

    def objects(self) -> LabelledImage:
        """Return the regions as masks under their names, as other formats are written from."""
        found = tuple(LabelledMask.of(r.mask, r.name, score=r.score) for r in self.regions())
        return LabelledImage(self.file_name, self.hw, found, self.pixels)

    def _instances_in(self, whole: NDArray[np.bool_]) -> list[int]:
        if self.instances is None:
            return []
        return [number for number in np.unique(self.instances[whole]).tolist() if number]

    def _region(self, number: int, mask: NDArray[np.bool_], *, is_thing: bool) -> Region:
        return Region(number, self.names[number - 1], is_thing, mask, self.scores[number - 1])


def check_labels(labels: NDArray[np.int32], count: int) -> None:
    """Raise InputError unless `labels` is (H, W) int32 with numbers from 0 to `count`."""
    if labels.ndim != 2 or labels.dtype != np.int32 or labels.size == 0:
        actual = f"shape {labels.shape} of {labels.dtype}"
        raise InputError("labels", expected="shape (H, W) of int32", actual=actual)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > count:
        raise InputError("labels", expected=f"0 to {count}", actual=f"{low} to {high}")
