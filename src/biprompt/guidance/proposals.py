"""Region proposals: superpixels joined, most alike first, as a hierarchy."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.guidance.lab import lab
from biprompt.guidance.superpixels import Floats, Labels, means

LEAST, MOST = 0.01, 0.7
"""Smallest and largest proposals, as shares of the image."""


def region_proposals(
    image: ArrayLike, superpixels: Labels, *, least: float = LEAST, most: float = MOST
) -> NDArray[np.bool_]:
    """Return regions that may be things: every region that arises while superpixels are joined.

    Majumder and Yao (CAMLG) take MCG's proposals; here the two neighbours whose mean colours
    differ least, with Ward's weight n m / (n + m) of their sizes, become one again and again, and
    every region on the way whose size fits is a proposal.

    Args:
        image: (H, W, 3) uint8 RGB.
        superpixels: (H, W) integers from 0 without gaps, see `slic`.
        least: smallest proposal as a share of the image.
        most: largest proposal as a share of the image.

    Returns:
        (L, H, W) bool, in the order in which they arise; L may be 0.

    Raises:
        InputError: an image of another shape or dtype, or superpixels of another size.
    """
    colours = lab(image)
    if np.shape(superpixels) != colours.shape[:2]:
        expected = f"shape {colours.shape[:2]}, as the image"
        raise InputError("superpixels", expected=expected, actual=f"{np.shape(superpixels)}")
    count = int(superpixels.max()) + 1
    centres = means(colours.reshape(-1, 3), superpixels.ravel(), count)
    sizes = np.bincount(superpixels.ravel(), minlength=count)
    total = superpixels.size
    chosen = [
        members
        for members in _joined(centres, sizes, _neighbours(superpixels, count))
        if least * total <= sizes[members].sum() <= most * total
    ]
    inside = np.zeros((len(chosen), count), np.bool_)
    for row, members in zip(inside, chosen, strict=True):
        row[members] = True
    return inside[:, superpixels]


def _neighbours(labels: Labels, count: int) -> list[set[int]]:
    found: list[set[int]] = [set() for _ in range(count)]
    pairs = [
        np.stack([one.ravel(), other.ravel()], 1)
        for one, other in ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1]))
    ]
    for one, other in np.unique(np.concatenate(pairs), axis=0).tolist():
        if one != other:
            found[one].add(other)
            found[other].add(one)
    return found


def _joined(
    centres: Floats, sizes: NDArray[np.intp], neighbours: list[set[int]]
) -> Iterator[list[int]]:
    """Yield the superpixels of each region: first one each, then as they join."""
    colour, size = list(centres), sizes.astype(np.float64).tolist()
    members = [[index] for index in range(len(colour))]
    yield from members

    def cost(one: int, other: int) -> float:
        weight = size[one] * size[other] / (size[one] + size[other])
        return float(weight * ((colour[one] - colour[other]) ** 2).sum())

    queue = [(cost(a, b), a, b) for a in range(len(colour)) for b in neighbours[a] if a < b]
    heapq.heapify(queue)
    gone: set[int] = set()
    while queue:
        _, one, other = heapq.heappop(queue)
        if one in gone or other in gone:
            continue
        gone |= {one, other}
        new, many = len(colour), size[one] + size[other]
        colour.append((size[one] * colour[one] + size[other] * colour[other]) / many)
        size.append(many)
        members.append(members[one] + members[other])
        neighbours.append((neighbours[one] | neighbours[other]) - gone)
        yield members[new]
        for near in neighbours[new]:
            neighbours[near].add(new)
            heapq.heappush(queue, (cost(near, new), near, new))
