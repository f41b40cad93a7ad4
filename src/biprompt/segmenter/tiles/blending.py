"""Soft masks of overlapping tiles become one mask, row of tiles by row of tiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.masks import BitMask
from biprompt.segmenter.tiles.grid import Grid

Float = NDArray[np.float32]


class Blend:
    """The weighted mean of the tiles' logits; only the rows that tiles still reach are held.

    Tiles are added row by row. The mean is over the tiles that hold a pixel, weighted by how far it
    lies inside them, so that the mask runs through their edges without a step. A tile that is not
    added has no say: its neighbours decide alone where they reach into it.

    Args:
        grid: the tiles.
    """

    def __init__(self, grid: Grid) -> None:
        """Start with an empty mask."""
        self._grid = grid
        hw = (grid.rows.length, grid.columns.length)
        self.mask = BitMask(hw)
        self._sum = np.zeros((grid.rows.size, hw[1]), np.float32)

    def add(self, row: int, column: int, logits: Float) -> None:
        """Add the logits `(h, w)` of one tile; within a row in any order, rows downwards."""
        columns = self._grid.window(row, column).columns
        self._sum[:, columns] += logits * self._grid.weights(row, column)

    def end_row(self, row: int) -> None:
        """Write the rows that no later tile reaches."""
        starts, size = self._grid.rows.starts, self._grid.rows.size
        last = row + 1 == len(starts)
        done = size if last else starts[row + 1] - starts[row]
        self.mask.write(starts[row], self._sum[:done] > 0)
        self._sum[: size - done] = self._sum[done:]
        self._sum[size - done :] = 0
