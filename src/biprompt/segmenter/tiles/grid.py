"""Overlapping tiles that cover an image, and how much each counts where they overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.masks import Window

Float = NDArray[np.float32]

TILE = 1024
"""Side of a tile in pixels of the image, halo included."""
HALO = 128
"""Pixels of a tile, on each side, that its neighbour sees as well."""
LEAST_TILE = 32


@dataclass(frozen=True, slots=True)
class Tiling:
    """How an image is cut.

    Attributes:
        size: side of a tile in pixels, halo included.
        halo: pixels at each side of a tile that its neighbour holds too, so that the model sees
            what surrounds the part it decides on; below a quarter of the size.

    Raises:
        InputError: one of them is out of range.
    """

    size: int = TILE
    halo: int = HALO

    def __post_init__(self) -> None:
        """Check both."""
        if self.size < LEAST_TILE:
            expected = f"a whole number of pixels, {LEAST_TILE} or more"
            raise InputError("tile", expected=expected, actual=self.size)
        if not 0 <= self.halo < self.size / 4:
            expected = f"0 or more pixels, below a quarter of the tile ({self.size})"
            raise InputError("halo", expected=expected, actual=self.halo)


@dataclass(frozen=True, slots=True)
class Axis:
    """The tiles along one side of an image.

    Attributes:
        length: of the side in pixels.
        starts: first pixel of each tile.
        size: pixels of a tile, the same for all.
        ramp: pixels over which one tile gives way to the next.
    """

    length: int
    starts: tuple[int, ...]
    size: int
    ramp: int

    @classmethod
    def of(cls, length: int, tiling: Tiling) -> Axis:
        """Spread as few tiles as give every neighbour its halo, evenly."""
        size, step = min(tiling.size, length), tiling.size - 2 * tiling.halo
        count = 1 + max(0, -(-(length - size) // step))
        starts = np.linspace(0, length - size, count).round().astype(int)
        return cls(length, tuple(starts.tolist()), size, tiling.halo)

    def middles(self) -> list[int]:
        """Return where each tile gives way to the next: the middle of what both hold."""
        pairs = zip(self.starts[1:], self.starts[:-1], strict=True)
        return [(after + before + self.size) // 2 for after, before in pairs]

    def core(self, index: int) -> tuple[int, int]:
        """Return the pixels that belong to one tile and no other: begin and end."""
        ends = [0, *self.middles(), self.length]
        return ends[index], ends[index + 1]

    def weights(self, index: int) -> Float:
        """Return how much a tile counts at each of its pixels, `(size,)` float32.

        The weights of all tiles at a pixel add up to 1. They are 0 at the outer half of the halo,
        where the model sees least of the surroundings.
        """
        begin, end = self.core(index)
        at = np.arange(self.size, dtype=np.float64) + (self.starts[index] + 0.5)
        rise = np.ones(self.size) if begin == 0 else self._ramp(at - begin)
        fall = np.ones(self.size) if end == self.length else self._ramp(end - at)
        return np.minimum(rise, fall).astype(np.float32)

    def _ramp(self, inside: NDArray[np.float64]) -> NDArray[np.float64]:
        """From 0 to 1 over `ramp` pixels around the edge of the core."""
        if not self.ramp:
            return (inside > 0).astype(np.float64)
        return np.clip(inside / self.ramp + 0.5, 0, 1)


@dataclass(frozen=True, slots=True)
class Grid:
    """The tiles of an image, row by row.

    Attributes:
        rows: the tiles along its height.
        columns: the tiles along its width.
    """

    rows: Axis
    columns: Axis

    @classmethod
    def of(cls, hw: tuple[int, int], tiling: Tiling) -> Grid:
        """Cut an image of this height and width."""
        return cls(Axis.of(hw[0], tiling), Axis.of(hw[1], tiling))

    def __len__(self) -> int:
        """Return the number of tiles."""
        return len(self.rows.starts) * len(self.columns.starts)

    def cells(self) -> Iterator[tuple[int, int]]:
        """Return row and column of every tile, row by row."""
        for row in range(len(self.rows.starts)):
            for column in range(len(self.columns.starts)):
                yield row, column

    def window(self, row: int, column: int) -> Window:
        """Return the pixels of a tile, halo included."""
        y, x = self.rows.starts[row], self.columns.starts[column]
        return Window(x, y, x + self.columns.size, y + self.rows.size)

    def weights(self, row: int, column: int) -> Float:
        """Return how much a tile counts at each of its pixels, `(h, w)` float32."""
        return self.rows.weights(row)[:, None] * self.columns.weights(column)

    def core(self, row: int, column: int) -> Window:
        """Return the pixels that belong to a tile and to no other."""
        (y0, y1), (x0, x1) = self.rows.core(row), self.columns.core(column)
        return Window(x0, y0, x1, y1)
