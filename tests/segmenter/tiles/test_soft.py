"""Soft masks as logits in pixels of the window."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.geometry import ModelFrame, masks_from_logits, masks_in_frame
from biprompt.segmenter.tiles import soft
from biprompt.segmenter.tiles.blending import Blend
from biprompt.segmenter.tiles.grid import Grid, Tiling


class Answer:
    def __init__(self, soft, mask=None):
        self.soft, self.mask = soft, mask


def sigmoid(values):
    return (1 / (1 + np.exp(-values))).astype(np.float32)


@pytest.mark.parametrize(
    "frame",
    [ModelFrame((30, 50), (12, 20)), ModelFrame((30, 50), (24, 40), (40, 40))],
    ids=["plain", "padded"],
)
def test_the_sign_is_that_of_the_models_own_mask(frame):
    h, w = (side // 4 for side in frame.canvas_hw)
    logits = np.random.default_rng(0).normal(0, 2, (h, w)).astype(np.float32)
    found = soft.logits_of(Answer(sigmoid(logits)), frame)
    assert found.shape == (30, 50)
    differs = (found > 0) != masks_in_frame(logits, frame)
    assert np.abs(found[differs]).max(initial=0) < 1e-4  # rounding, at the very edge


def test_no_tile_outvotes_the_others_by_being_surer_than_sure():
    found = soft.logits_of(Answer(np.array([[0.0, 1.0]], np.float32)), ModelFrame((1, 2), (1, 2)))
    assert found.tolist() == [[pytest.approx(-soft.SURE), pytest.approx(soft.SURE)]]


def test_a_hard_mask_counts_as_sure():
    mask = np.array([[True, False]])
    found = soft.logits_of(Answer(None, mask), ModelFrame((1, 2), (1, 2)))
    assert found.tolist() == [[soft.SURE, -soft.SURE]]


@pytest.mark.parametrize("band", [1, 70, 2**20])
def test_bands_are_the_whole_enlarged_mask(monkeypatch, band):
    monkeypatch.setattr(soft, "BAND_PIXELS", band)
    logits = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    bands = list(soft.enlarged(logits, (23, 35)))
    assert len(bands) == -(-23 // max(1, band // 35))
    assert np.array_equal(
        np.concatenate([b for _, b in bands]), masks_from_logits(logits, (23, 35))
    )


def test_a_blend_is_the_weighted_mean_of_the_tiles():
    grid = Grid.of((70, 100), Tiling(40, 8))
    rng, blend = np.random.default_rng(2), Blend(Grid.of((70, 100), Tiling(40, 8)))
    total, weights = np.zeros((70, 100)), np.zeros((70, 100))
    for row, column in grid.cells():
        window, values = grid.window(row, column), rng.normal(size=(40, 40)).astype(np.float32)
        blend.add(row, column, values)
        share = grid.weights(row, column)
        total[window.rows, window.columns] += values * share
        weights[window.rows, window.columns] += share
        if column + 1 == len(grid.columns.starts):
            blend.end_row(row)
    found, mean = blend.mask.read(), total / weights
    assert np.array_equal(found[np.abs(mean) > 1e-6], (mean > 0)[np.abs(mean) > 1e-6])
    assert found.any() and not found.all()
