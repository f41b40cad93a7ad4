"""Masks drawn anew: what each way of drawing changes, and by how much."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.data.drawings import DRAWINGS, beside, cornered, tight, wavering, wide
from biprompt.masks import iou_matrix

Y, X = np.indices((120, 160))
DISK = np.hypot(Y - 60, X - 80) <= 40
SIZE = float(np.sqrt(DISK.sum()))  # 71 pixels


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(iou_matrix(a[None], b[None])[0, 0])


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_are_masks_of_the_same_size_that_resemble(name: str) -> None:
    drawn = DRAWINGS[name](DISK, np.random.default_rng(0))
    assert drawn.shape == DISK.shape and drawn.dtype == np.bool_ and drawn is not DISK
    assert (iou(drawn, DISK) == 1.0) == (name == "exact") and iou(drawn, DISK) > 0.5
    again = DRAWINGS[name](DISK, np.random.default_rng(0))
    assert np.array_equal(drawn, again)


def test_wide_and_tight_move_the_outline_by_their_amount() -> None:
    rng = np.random.default_rng(0)
    for drawn, radius in ((wide(DISK, rng, 0.1), 47.1), (tight(DISK, rng, 0.1), 32.9)):
        assert np.sqrt(drawn.sum() / np.pi) == pytest.approx(radius, abs=0.6)


def test_beside_moves_and_loses_what_leaves_the_image() -> None:
    drawn = beside(DISK, np.random.default_rng(1), 0.1)
    shift = np.argwhere(drawn).mean(0) - np.argwhere(DISK).mean(0)
    assert np.hypot(*shift) == pytest.approx(0.1 * SIZE, abs=1.0)
    corner = np.zeros((20, 20), bool)
    corner[:10, :10] = True
    left = [beside(corner, np.random.default_rng(i), 0.5).sum() for i in range(6)]
    assert min(left) < 100 == max(left)


def test_wavering_strays_to_both_sides() -> None:
    drawn = wavering(DISK, np.random.default_rng(2), 0.1)
    assert (drawn & ~DISK).sum() > 100 and (DISK & ~drawn).sum() > 100
    assert iou(drawn, DISK) < iou(wavering(DISK, np.random.default_rng(2), 0.03), DISK)


def test_few_corners_cut_a_disk_off() -> None:
    drawn = cornered(DISK, np.random.default_rng(3), 6)
    # a regular hexagon in a circle covers 3 * sqrt(3) / (2 pi) of it
    assert drawn.sum() / DISK.sum() == pytest.approx(0.827, abs=0.02)
    assert not (drawn & ~wide(DISK, np.random.default_rng(0), 0.02)).any()


def test_the_largest_part_is_outlined() -> None:
    two = DISK.copy()
    two[2:8, 2:8] = True
    assert not cornered(two, np.random.default_rng(0))[:10, :10].any()
