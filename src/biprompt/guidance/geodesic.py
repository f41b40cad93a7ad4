"""Geodesic maps: far is what lies behind an edge, not what is many pixels away."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.guidance.paths import cheapest, step_costs
from biprompt.guidance.seeds import Map, checked_seeds


def geodesic_map(image: ArrayLike, seeds: ArrayLike, *, spatial: float = 0.0) -> Map:
    """Return the geodesic distance to the nearest seed: survey, eqs. 6 and 7 (GeoS, DeepIGeoS).

    The integral of |grad I . u| along a path is, between neighbouring pixels, the Euclidean length
    of the difference of their colours; the minimum is over all paths of 8-neighbours.

    Args:
        image: (H, W) or (H, W, C); uint8 is divided by 255, other numbers are taken as they are.
        seeds: (H, W) bool, clicks or scribbles.
        spatial: cost of a pixel's length of way, besides that of the colours; 0 as in eq. 7.

    Returns:
        (H, W) float32, units of colour, 0 at the seeds; infinite everywhere without seeds.

    Raises:
        InputError: an image or seeds of another shape or dtype, not of one size, numbers that are
            not finite, or a negative `spatial`.
    """
    return _distance(image, seeds, spatial).astype(np.float32)


def exponential_geodesic_map(image: ArrayLike, seeds: ArrayLike, *, spatial: float = 0.0) -> Map:
    """Return exp(-D) of the geodesic distance D: survey, eq. 8 (MIDeepSeg).

    The survey prints the minimum over the clicks of exp(-D), which would ask the farthest click.
    As MIDeepSeg's figures show, the nearest one is meant: exp of minus the minimum of D.

    Args:
        image: as `geodesic_map`.
        seeds: as `geodesic_map`.
        spatial: as `geodesic_map`.

    Returns:
        (H, W) float32 in [0, 1], 1 at the seeds, 0 everywhere without seeds.

    Raises:
        InputError: as `geodesic_map`.
    """
    return np.exp(-_distance(image, seeds, spatial)).astype(np.float32)


def _distance(image: ArrayLike, seeds: ArrayLike, spatial: float) -> NDArray[np.float64]:
    checked = checked_seeds(seeds)
    if not 0 <= spatial < np.inf:
        raise InputError("spatial cost", expected="0 or more", actual=spatial)
    return cheapest(step_costs(_colours(image, checked.shape), spatial), checked)


def _colours(image: ArrayLike, hw: tuple[int, ...]) -> NDArray[np.float64]:
    array = np.asarray(image)
    if array.ndim not in (2, 3) or array.shape[:2] != hw:
        expected = f"shape {hw} or {(*hw, 'C')}, as the seeds"
        raise InputError("image", expected=expected, actual=f"shape {array.shape}")
    scale = 255.0 if array.dtype == np.uint8 else 1.0
    colours = array.reshape(*hw, -1).astype(np.float64) / scale
    if not np.isfinite(colours).all():
        raise InputError("image", expected="finite numbers", actual="NaN or infinity")
    return colours
