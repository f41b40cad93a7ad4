"""Filters, suppression and small regions, each beside its plain definition."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.masks import iou_matrix, rle_encode
from biprompt.segmenter.automatic.proposing import stability
from biprompt.segmenter.automatic.regions import without_small_regions
from biprompt.segmenter.automatic.suppression import (
    bit_overlaps,
    box_overlaps,
    rle_overlaps,
    suppressed,
)


def rectangles(count: int, hw: tuple[int, int] = (40, 50)) -> np.ndarray:
    rng = np.random.default_rng(3)
    masks = np.zeros((count, *hw), bool)
    for mask in masks:
        x0, x1 = np.sort(rng.integers(0, hw[1] + 1, 2))
        y0, y1 = np.sort(rng.integers(0, hw[0] + 1, 2))
        mask[y0:y1, x0:x1] = rng.random((y1 - y0, x1 - x0)) < 0.9
    return masks


def plainly(scores: np.ndarray, ious: np.ndarray, overlap: float) -> list[int]:
    """Non-maximum suppression as its definition has it."""
    kept: list[int] = []
    for place in sorted(range(len(scores)), key=lambda i: (-scores[i], i)):
        if all(ious[place, other] < overlap for other in kept):
            kept.append(place)
    return kept


@pytest.mark.parametrize("overlap", [0.1, 0.5, 0.7, 1.0])
def test_suppression_of_masks_is_its_definition(overlap):
    masks = rectangles(60)
    scores = np.random.default_rng(0).integers(0, 9, 60) / 10  # with equal ones
    bits = np.stack([np.packbits(mask) for mask in masks])
    rles = [rle_encode(mask) for mask in masks]
    filled = masks.any(axis=(1, 2))
    expected = plainly(scores, np.where(filled[:, None] & filled, iou_matrix(masks, masks), 0.0),
                       overlap)  # fmt: skip
    assert suppressed(scores, bit_overlaps(bits), overlap) == expected
    assert suppressed(scores, rle_overlaps(rles, overlap), overlap) == expected
    assert suppressed(scores, bit_overlaps(bits), overlap, most=5) == expected[:5]


def test_overlaps_of_boxes():
    boxes = np.array([[0, 0, 4, 4], [2, 2, 6, 6], [0, 0, 4, 4], [9, 9, 9, 9]], float)
    found = box_overlaps(boxes)(0, np.array([1, 2, 3]))
    assert found.tolist() == [4 / 28, 1.0, 0.0]
    assert suppressed([0.1, 0.2, 0.3, 0.0], box_overlaps(boxes), 0.7) == [2, 1, 3]


def test_a_score_that_is_no_number():
    with pytest.raises(InputError, match="scores: expected finite numbers"):
        suppressed([0.1, float("nan")], box_overlaps(np.zeros((2, 4))), 0.5)


def test_nothing_is_suppressed_of_nothing():
    assert suppressed([], box_overlaps(np.zeros((0, 4))), 0.5) == []


def test_stability_is_the_ratio_of_the_areas():
    logits = np.array([[[3.0, 0.5, -0.5, -3.0]], [[-3.0] * 4], [[3.0] * 4]], np.float32)
    assert stability(logits, 1.0).tolist() == [1 / 3, 0.0, 1.0]
    assert stability(logits, 0.25).tolist() == [1.0, 0.0, 1.0]


def test_specks_go_and_pinholes_close():
    mask = np.zeros((12, 12), bool)
    mask[2:9, 2:9] = True
    clean = mask.copy()
    mask[4, 4] = False  # a hole of one pixel
    mask[11, 11] = mask[0, 0] = True  # specks
    np.testing.assert_array_equal(without_small_regions(mask, 4), clean)
    assert without_small_regions(mask, 1) is mask


def test_a_bay_at_the_edge_is_no_hole_and_a_diagonal_is_one_part():
    mask = np.ones((6, 6), bool)
    mask[0, 2] = False  # open to the edge of the image
    np.testing.assert_array_equal(without_small_regions(mask, 5), mask)
    diagonal = np.eye(6, dtype=bool)
    np.testing.assert_array_equal(without_small_regions(diagonal, 6), diagonal)


def test_of_small_parts_alone_the_largest_stays():
    mask = np.zeros((8, 8), bool)
    mask[0, 0] = True
    mask[4, 4:7] = True
    expected = mask.copy()
    expected[0, 0] = False
    np.testing.assert_array_equal(without_small_regions(mask, 20), expected)
    assert not without_small_regions(np.zeros((3, 3), bool), 5).any()
