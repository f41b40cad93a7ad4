"""Guidance maps as the survey defines them, with plain loops: what fast ones are compared with."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixel = tuple[int, int]


def euclidean(clicks: Sequence[Pixel], hw: tuple[int, int]) -> Floats:
    """Eq. 2; clicks are rows and columns."""
    found = np.full(hw, np.inf)
    for m in range(hw[0]):
        for n in range(hw[1]):
            for i, j in clicks:
                found[m, n] = min(found[m, n], math.sqrt((m - i) ** 2 + (n - j) ** 2))
    return found


def gaussian(clicks: Sequence[Pixel], hw: tuple[int, int], sigma: float) -> Floats:
    """Eq. 3, and the largest of all clicks."""
    found = np.zeros(hw)
    for m in range(hw[0]):
        for n in range(hw[1]):
            for i, j in clicks:
                squared = (m - i) ** 2 + (n - j) ** 2
                value = math.exp(-squared / (2 * (sigma * min(hw)) ** 2))
                found[m, n] = max(found[m, n], value)
    return found


def disk(clicks: Sequence[Pixel], hw: tuple[int, int], radius: float) -> Floats:
    """Eq. 9."""
    found = np.zeros(hw)
    for m in range(hw[0]):
        for n in range(hw[1]):
            found[m, n] = any(math.hypot(m - i, n - j) <= radius for i, j in clicks)
    return found


def geodesic(image: NDArray[np.uint8], clicks: Sequence[Pixel], spatial: float = 0.0) -> Floats:
    """Eq. 6 over eq. 7: of each click a map of its own, then the least."""
    found = np.full(image.shape[:2], np.inf)
    for click in clicks:
        found = np.minimum(found, one_geodesic(image, click, spatial))
    return found


def one_geodesic(image: NDArray[np.uint8], click: Pixel, spatial: float = 0.0) -> Floats:
    """Eq. 7 from one click to every pixel: Dijkstra's algorithm on neighbours and diagonals."""
    colours = image.astype(np.float64) / 255.0
    height, width = image.shape[:2]
    found = np.full((height, width), np.inf)
    found[click] = 0.0
    queue: list[tuple[float, Pixel]] = [(0.0, click)]
    while queue:
        cost, (row, column) = heapq.heappop(queue)
        if cost > found[row, column]:
            continue
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                to = (row + down, column + right)
                if not (0 <= to[0] < height and 0 <= to[1] < width):
                    continue
                step = np.linalg.norm(colours[to] - colours[row, column])
                total = cost + float(step) + spatial * math.hypot(down, right)
                if total < found[to]:
                    found[to] = total
                    heapq.heappush(queue, (total, to))
    return found


def box_distance(edge: tuple[int, int, int, int], hw: tuple[int, int]) -> Floats:
    """Eq. 11 for the pixels left, top, right, bottom, all of the box."""
    left, top, right, bottom = edge
    on_edge = [
        (m, n)
        for m in range(top, bottom + 1)
        for n in range(left, right + 1)
        if m in (top, bottom) or n in (left, right)
    ]
    found = np.zeros(hw)
    for m in range(hw[0]):
        for n in range(hw[1]):
            nearest = min(math.hypot(m - i, n - j) for i, j in on_edge)
            inside = top < m < bottom and left < n < right
            found[m, n] = 128 - nearest if inside else 128 + nearest
    return found


def superpixel_distance(labels: NDArray[np.integer], clicks: Sequence[Pixel]) -> Floats:
    """Eq. 4: distances between centres of superpixels."""
    centres = {int(k): np.argwhere(labels == k).mean(0) for k in np.unique(labels)}
    found = np.full(labels.shape, np.inf)
    for m in range(labels.shape[0]):
        for n in range(labels.shape[1]):
            own = centres[int(labels[m, n])]
            for click in clicks:
                apart = float(np.linalg.norm(own - centres[int(labels[click])]))
                found[m, n] = min(found[m, n], apart)
    return found


def proposals(regions: NDArray[np.bool_], clicks: Sequence[Pixel]) -> Floats:
    """Eq. 5: of every click, the proposals that hold it, and of them those that hold a pixel."""
    found = np.zeros(regions.shape[1:])
    for m in range(found.shape[0]):
        for n in range(found.shape[1]):
            for click in clicks:
                for region in regions:
                    found[m, n] += bool(region[click]) and bool(region[m, n])
    return found
