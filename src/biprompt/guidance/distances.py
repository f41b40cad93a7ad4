"""Maps of the distance to the nearest click: Euclidean, Gaussian, binary disk.

Distances are between pixels, in pixels of the frame that the seeds are in. An image without seeds
is infinitely far from them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.guidance.seeds import Map, Seeds, checked_seeds

LIMIT = 255.0
"""Where DIOS (Xu et al. 2016) cuts the Euclidean map, so that it fits a byte."""
SIGMA = 0.02
"""Standard deviation of the Gaussian map as a share of the smaller side: 10 pixels of 512."""
RADIUS = 5.0
"""Radius of the disks in pixels, as RITM and SimpleClick draw them."""
_FEW = 24
"""Up to so many seeds, one pass for each is faster than the distance transform."""


def euclidean_map(seeds: ArrayLike, *, limit: float | None = LIMIT) -> Map:
    """Return the distance to the nearest seed: survey, eq. 2 (Xu et al., DIOS).

    Args:
        seeds: (H, W) bool, see `click_seeds`.
        limit: larger distances become this; None keeps them, and infinity without seeds.

    Returns:
        (H, W) float32, pixels, 0 at the seeds.

    Raises:
        InputError: seeds of another shape or dtype, or a limit that is not positive.
    """
    if limit is not None and not limit > 0:
        raise InputError("limit", expected="more than 0", actual=limit)
    distance = np.sqrt(squared_distance(checked_seeds(seeds)))
    return _map(distance if limit is None else np.minimum(distance, limit))


def gaussian_map(seeds: ArrayLike, *, sigma: float = SIGMA) -> Map:
    """Return Gaussians round the seeds, the largest at each pixel: survey, eq. 3 (DEXTR).

    Args:
        seeds: (H, W) bool.
        sigma: standard deviation as a share of the smaller side of the image.

    Returns:
        (H, W) float32 in [0, 1], 1 at the seeds, 0 everywhere without seeds.

    Raises:
        InputError: seeds of another shape or dtype, or a sigma that is not positive.
    """
    if not 0 < sigma < np.inf:
        raise InputError("sigma", expected="more than 0", actual=sigma)
    checked = checked_seeds(seeds)
    spread = sigma * min(checked.shape)
    return _map(np.exp(squared_distance(checked) / (-2.0 * spread * spread)))


def disk_map(seeds: ArrayLike, *, radius: float = RADIUS) -> Map:
    """Return 1 within a radius of a seed, 0 elsewhere: survey, eq. 9 (RITM).

    Args:
        seeds: (H, W) bool.
        radius: in pixels; pixels at exactly this distance belong to the disk.

    Returns:
        (H, W) float32 of 0 and 1.

    Raises:
        InputError: seeds of another shape or dtype, or a negative radius.
    """
    if not 0 <= radius < np.inf:
        raise InputError("radius", expected="0 or more", actual=radius)
    return _map(squared_distance(checked_seeds(seeds)) <= radius * radius)


def squared_distance(seeds: Seeds) -> NDArray[np.float64]:
    """Return the squared distance to the nearest seed, (H, W) pixels^2, infinite without seeds."""
    rows, columns = np.nonzero(seeds)
    if len(rows) > _FEW:
        from scipy.ndimage import distance_transform_edt

        distance = np.asarray(distance_transform_edt(~seeds), np.float64)
        return np.rint(distance * distance)  # of whole pixels: the square is a whole number
    nearest = np.full(seeds.shape, np.inf)
    y, x = np.arange(seeds.shape[0])[:, None], np.arange(seeds.shape[1])
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        np.minimum(nearest, (y - row) ** 2 + (x - column) ** 2, out=nearest)
    return nearest


def _map(values: NDArray[np.generic]) -> Map:
    return values.astype(np.float32)
