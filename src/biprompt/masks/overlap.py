"""How much masks overlap: IoU and Dice for all pairs at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.masks._checks import mask_stacks

_WORD_BYTES = 8


def _pack(masks: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return (N, words): a bit for each pixel, the last word filled up with zeros.

    Packed words make the counts exact for any image size, and three to seven times faster than
    a product of float32 matrices.
    """
    flat = masks.reshape(len(masks), math.prod(masks.shape[1:]))
    packed = np.packbits(flat, axis=1)
    words = -(-packed.shape[1] // _WORD_BYTES)
    padded = np.zeros((len(masks), words * _WORD_BYTES), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def _count(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
    return counts


def _counts(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the intersections and the sums of both areas, each (M, N) pixels."""
    first, second = map(_pack, mask_stacks(a, b))
    both = np.empty((len(first), len(second)), np.int64)
    for i, row in enumerate(first):
        both[i] = _count(row & second)
    return both, _count(first)[:, None] + _count(second)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.ones(whole.shape), where=whole > 0)


def iou_matrix(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return intersection over union of every mask in `a` with every mask in `b`.

    Args:
        a: (M, H, W) bool.
        b: (N, H, W) bool of the same size; M and N may be 0.

    Returns:
        (M, N) float64 from 0 to 1, exact counts; two empty masks are equal and give 1.

    Raises:
        InputError: other shapes, or sizes that differ.
    """
    both, areas = _counts(a, b)
    return _ratio(both, areas - both)


def dice_matrix(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Return twice the intersection over the sum of the areas, for all pairs.

    Args:
        a: (M, H, W) bool.
        b: (N, H, W) bool of the same size; M and N may be 0.

    Returns:
        (M, N) float64 from 0 to 1, exact counts; two empty masks are equal and give 1.

    Raises:
        InputError: other shapes, or sizes that differ.
    """
    both, areas = _counts(a, b)
    return _ratio(2 * both, areas)
