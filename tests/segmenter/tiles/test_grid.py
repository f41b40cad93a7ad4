"""Tiles cover the image, share their halos, and count for 1 together at every pixel."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.segmenter.tiles.grid import Axis, Grid, Tiling


@pytest.mark.parametrize("length", [1, 63, 64, 65, 100, 113, 160, 161, 1000])
@pytest.mark.parametrize("halo", [0, 1, 8, 15])
def test_weights_add_up_to_one(length, halo):
    axis = Axis.of(length, Tiling(64, halo))
    total, cores = np.zeros(length), []
    for index, start in enumerate(axis.starts):
        weights = axis.weights(index)
        assert weights.dtype == np.float32 and weights.min() >= 0
        total[start : start + axis.size] += weights
        cores.append(axis.core(index))
    assert total == pytest.approx(1, abs=1e-6)
    assert cores[0][0] == 0 and cores[-1][1] == length
    assert all(a[1] == b[0] for a, b in pairwise(cores))


@pytest.mark.parametrize("length", [65, 113, 500])
def test_neighbours_share_at_least_both_halos(length):
    axis = Axis.of(length, Tiling(64, 8))
    shared = [a + 64 - b for a, b in pairwise(axis.starts)]
    assert min(shared) >= 16
    # As few tiles as that takes: one less would not reach.
    assert 64 + (len(axis.starts) - 2) * 48 < length
    # The outer half of the halo has no say: there the model sees least of the surroundings.
    assert (axis.weights(0)[-4:] == 0).all()
    assert (axis.weights(1)[:4] == 0).all()


def test_what_fits_is_one_tile():
    grid = Grid.of((40, 64), Tiling(64, 8))
    assert len(grid) == 1
    assert grid.window(0, 0) == (0, 0, 64, 40)
    assert (grid.weights(0, 0) == 1).all()


def test_windows_and_cores():
    grid = Grid.of((64, 112), Tiling(64, 8))
    assert [grid.window(*cell) for cell in grid.cells()] == [(0, 0, 64, 64), (48, 0, 112, 64)]
    assert [grid.core(*cell) for cell in grid.cells()] == [(0, 0, 56, 64), (56, 0, 112, 64)]


@pytest.mark.parametrize(
    ("size", "halo", "said"),
    [(16, 0, "32 or more, got 16"), (64, 16, r"below a quarter of the tile \(64\), got 16"),
     (64, -1, "0 or more pixels")],
)  # fmt: skip
def test_sizes_out_of_range(size, halo, said):
    with pytest.raises(InputError, match=said):
        Tiling(size, halo)
