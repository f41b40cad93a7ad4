"""Cheapest paths on the pixel grid, each pixel linked to its 8 neighbours."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns of half of the steps; the other half goes back."""


def step_costs(colours: Costs, spatial: float) -> Costs:
    """Return what each pixel's steps cost: the difference of the colours, and the way's length.

    Args:
        colours: (H, W, C).
        spatial: cost of a length of one pixel.

    Returns:
        (H, W, 8), in the order of the grid; 0 where a step would leave the image.
    """
    costs = np.zeros((*colours.shape[:2], 2 * len(_STEPS)))
    for index, (down, right) in enumerate(_STEPS):
        start, end = _ends(down, right)
        difference = colours[start] - colours[end]
        length = np.sqrt(np.einsum("hwc,hwc->hw", difference, difference))
        length += spatial * np.hypot(down, right)
        costs[start][..., 2 * index] = costs[end][..., 2 * index + 1] = length
    return costs


def cheapest(costs: Costs, seeds: NDArray[np.bool_]) -> Costs:
    """Return the cost of the cheapest path from each pixel to a seed, by Dijkstra's algorithm.

    All seeds start in one search, so many cost no more than one. It takes about 160 bytes a pixel.

    Args:
        costs: (H, W, 8), see `step_costs`.
        seeds: (H, W) bool.

    Returns:
        (H, W) float64; infinite everywhere without seeds.
    """
    if not seeds.any():
        return np.full(seeds.shape, np.inf)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    count = seeds.size
    ends, starts = _grid(*seeds.shape)
    graph = csr_array((costs.ravel(), ends, starts), shape=(count, count))
    found = dijkstra(graph, indices=np.flatnonzero(seeds), min_only=True)
    return np.asarray(found, np.float64).reshape(seeds.shape)


@lru_cache(maxsize=4)
def _grid(height: int, width: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Where the 8 steps of each pixel end, and where the steps of each pixel start in the list.

    A step that would leave the image ends where it began: no path gains by it.
    """
    pixels = np.arange(height * width, dtype=np.int32).reshape(height, width)
    ends = np.repeat(pixels[..., None], 2 * len(_STEPS), axis=-1)
    for index, (down, right) in enumerate(_STEPS):
        start, end = _ends(down, right)
        ends[start][..., 2 * index] = pixels[end]
        ends[end][..., 2 * index + 1] = pixels[start]
    return ends.ravel(), np.arange(0, ends.size + 1, ends.shape[-1], dtype=np.int32)


def _ends(down: int, right: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The pixels from which a step down by 0 or 1 stays inside, and those in which it ends."""
    rows = (slice(None, -1), slice(1, None)) if down else (slice(None), slice(None))
    columns = {
        0: (slice(None), slice(None)),
        1: (slice(None, -1), slice(1, None)),
        -1: (slice(1, None), slice(None, -1)),
    }[right]
    return (rows[0], columns[0]), (rows[1], columns[1])
