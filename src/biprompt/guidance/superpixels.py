"""Superpixels: small connected patches of one colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.guidance.lab import lab

Labels = NDArray[np.int32]
Floats = NDArray[np.float64]
COUNT = 200
COMPACTNESS = 10.0
ROUNDS = 10


def slic(image: ArrayLike, count: int = COUNT, *, compactness: float = COMPACTNESS) -> Labels:
    """Return superpixels: SLIC (Achanta et al. 2012), k-means in CIELAB and place, ten rounds.

    Each pixel looks at the centres of its own cell of the starting grid and of the eight round it,
    which are those that SLIC's windows reach. Then every superpixel keeps its largest connected
    part; the rest joins what it touches.

    Args:
        image: (H, W, 3) uint8 RGB.
        count: how many superpixels to aim at.
        compactness: weight of the place against the colour (m); Achanta's range is 1 to 40.

    Returns:
        (H, W) int32, from 0 without gaps, each 4-connected.

    Raises:
        InputError: an image of another shape or dtype, a count below 1, or a compactness that is
            not positive.
    """
    if count < 1:
        raise InputError("superpixels", expected="1 or more", actual=count)
    if not 0 < compactness < np.inf:
        raise InputError("compactness", expected="more than 0", actual=compactness)
    colours = lab(image)
    h, w = colours.shape[:2]
    side = float(np.sqrt(h * w / count))
    rows, columns = max(1, round(h / side)), max(1, round(w / side))
    y, x = np.mgrid[:h, :w]
    place = np.stack([y, x], -1) * (compactness / side)
    features = np.concatenate([colours, place], -1).reshape(h * w, 5).T.astype(np.float32)
    grid_row, grid_column = (y * rows // h).ravel(), (x * columns // w).ravel()
    labels = grid_row * columns + grid_column
    for _ in range(ROUNDS):
        centres = means(features.T, labels, rows * columns).T.astype(np.float32)
        labels = _nearest(features, centres, grid_row, grid_column, (rows, columns))
    return _connected(labels.reshape(h, w))


def means(values: NDArray[np.floating], labels: NDArray[np.integer], count: int) -> Floats:
    """Return the mean of `values` (N, C) under each of `count` labels (N,), (count, C).

    A label that nobody has gets infinity: far from everything.
    """
    many = np.bincount(labels, minlength=count).astype(np.float64)
    sums = [np.bincount(labels, values[:, each], count) for each in range(values.shape[1])]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.stack(sums, 1) / many[:, None]
    found[many == 0] = np.inf
    return found


def _nearest(
    features: NDArray[np.float32],
    centres: NDArray[np.float32],
    row: NDArray[np.intp],
    column: NDArray[np.intp],
    grid: tuple[int, int],
) -> NDArray[np.intp]:
    best = np.full(len(row), np.inf, np.float32)
    labels = np.zeros(len(row), np.intp)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            near_row = np.clip(row + down, 0, grid[0] - 1)
            near = near_row * grid[1] + np.clip(column + right, 0, grid[1] - 1)
            distance = sum((f - c[near]) ** 2 for f, c in zip(features, centres, strict=True))
            closer = distance < best
            np.copyto(best, distance, where=closer)
            np.copyto(labels, near, where=closer)
    return labels


def _connected(labels: NDArray[np.intp]) -> Labels:
    """Each label's largest 4-connected part; other pixels join a part that they touch."""
    parts = _parts(labels)
    size = np.bincount(parts.ravel())
    order = np.argsort(size, kind="stable")
    owner = np.zeros(len(size), np.intp)
    owner[parts.ravel()] = labels.ravel()
    largest = np.full(labels.max() + 1, -1, np.intp)
    largest[owner[order]] = order  # the last one written is the largest
    kept = np.where(largest[labels] == parts, labels, -1)
    while (kept < 0).any():
        kept = _grown(kept)
    return np.unique(kept, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def _parts(labels: NDArray[np.intp]) -> NDArray[np.int32]:
    """Number the 4-connected parts of equal labels, (H, W) from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pixels = np.arange(labels.size).reshape(labels.shape)
    across, down = labels[:, 1:] == labels[:, :-1], labels[1:] == labels[:-1]
    one = np.concatenate([pixels[:, :-1][across], pixels[:-1][down]])
    other = np.concatenate([pixels[:, 1:][across], pixels[1:][down]])
    links = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(labels.size,) * 2)
    found: NDArray[np.int32] = connected_components(links, directed=False)[1]
    return found.reshape(labels.shape)


def _grown(kept: NDArray[np.intp]) -> NDArray[np.intp]:
    """Pixels without a label (-1) take that of a neighbour which has one."""
    grown = kept.copy()
    for to, source in (
        (np.s_[1:], np.s_[:-1]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        taken = np.where(grown[to] < 0, kept[source], grown[to])
        grown[to] = taken
    return grown
