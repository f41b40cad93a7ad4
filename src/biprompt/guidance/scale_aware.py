"""Scale-aware maps: distances between superpixels, and how many proposals hold a click."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.guidance.seeds import Map, Seeds, checked_seeds
from biprompt.guidance.superpixels import means


def superpixel_map(superpixels: ArrayLike, seeds: ArrayLike) -> Map:
    """Return the distance to the nearest clicked superpixel: survey, eq. 4 (Majumder and Yao).

    Args:
        superpixels: (H, W) integers from 0 without gaps, see `slic`.
        seeds: (H, W) bool.

    Returns:
        (H, W) float32, pixels between the centres of superpixels; 0 in every clicked one, infinite
        everywhere without seeds.

    Raises:
        InputError: another shape or dtype, or superpixels of another size than the seeds.
    """
    checked = checked_seeds(seeds)
    labels = np.asarray(superpixels)
    if labels.shape != checked.shape or not np.issubdtype(labels.dtype, np.integer):
        expected = f"integers of shape {checked.shape}, as the seeds"
        actual = f"{labels.dtype} of shape {labels.shape}"
        raise InputError("superpixels", expected=expected, actual=actual)
    centres = _centres(labels)
    clicked = np.unique(labels[checked])
    if not len(clicked):
        return np.full(checked.shape, np.inf, np.float32)
    apart = np.sqrt(((centres[:, None] - centres[clicked]) ** 2).sum(-1)).min(1)
    return np.asarray(apart[labels], np.float32)


def proposal_map(proposals: ArrayLike, seeds: ArrayLike) -> Map:
    """Return how many pairs of a click and a proposal round it hold each pixel: survey, eq. 5.

    Args:
        proposals: (L, H, W) bool, see `region_proposals`; L may be 0.
        seeds: (H, W) bool, the positive clicks.

    Returns:
        (H, W) float32, whole numbers of 0 or more.

    Raises:
        InputError: another shape or dtype, or proposals of another size than the seeds.
    """
    checked = checked_seeds(seeds)
    regions = np.asarray(proposals)
    if regions.ndim != 3 or regions.shape[1:] != checked.shape or regions.dtype != np.bool_:
        expected = f"bool of shape (L, {checked.shape[0]}, {checked.shape[1]}), as the seeds"
        actual = f"{regions.dtype} of shape {regions.shape}"
        raise InputError("proposals", expected=expected, actual=actual)
    return _held(regions, checked)


def _held(regions: NDArray[np.bool_], seeds: Seeds) -> Map:
    clicks = regions[:, seeds].sum(1)
    total = np.zeros(seeds.shape, np.float32)
    for region, count in zip(regions, clicks, strict=True):
        if count:
            total += region * np.float32(count)
    return total


def _centres(labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Mean row and column of each superpixel, (S, 2)."""
    y, x = np.indices(labels.shape)
    places = np.stack([y.ravel(), x.ravel()], 1).astype(np.float64)
    return means(places, labels.ravel(), int(labels.max()) + 1)
