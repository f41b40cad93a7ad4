"""Smooth shapes painted into `(H, W, 3)` uint8 arrays in place.

Each shape is a signed distance: negative inside, in pixels. Its edge is blended over one pixel,
which gives even edges at any size. Frame: (x, y) in pixels, the first pixel covers 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.io.draw.palette import Rgb

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]
Bounds = tuple[float, float, float, float]


def disc(pixels: Pixels, xy: ArrayLike, radius: float, color: Rgb, opacity: float = 1.0) -> None:
    """Fill a disc around `xy`."""
    x, y = (float(value) for value in np.asarray(xy))
    bounds = (x - radius, y - radius, x + radius, y + radius)
    _paint(pixels, bounds, lambda u, v: np.hypot(u - x, v - y) - radius, color, opacity)


def line(pixels: Pixels, xy: ArrayLike, width: float, color: Rgb) -> None:
    """Draw a polyline `(N, 2)` with round ends and corners; a single point gives a disc."""
    path = _thinned(np.asarray(xy, dtype=np.float64).reshape(-1, 2), width / 4)
    if len(path) == 1:
        disc(pixels, path[0], width / 2, color)
    for start, end in pairwise(path):
        _segment(pixels, start, end, width / 2, color)


def rounded(pixels: Pixels, box: Bounds, radius: float, color: Rgb) -> None:
    """Fill a rectangle `x0, y0, x1, y1` with rounded corners."""
    _paint(pixels, box, _rounded_field(box, radius), color)


def frame(pixels: Pixels, box: Bounds, radius: float, width: float, color: Rgb) -> None:
    """Draw a rounded rectangle as a line of `width`, all of it inside the box."""
    outer = _rounded_field(box, radius)
    half = width / 2
    _paint(pixels, box, lambda u, v: np.abs(outer(u, v) + half) - half, color)


def check(pixels: Pixels, center: tuple[float, float], size: float, color: Rgb) -> None:
    """Draw a check mark about `size` wide around `center`; drawn, since fonts may lack it."""
    shape = np.array([(-0.48, 0.04), (-0.14, 0.36), (0.48, -0.34)])
    line(pixels, shape * size + np.asarray(center), size * 0.2, color)


def _segment(
    pixels: Pixels, start: NDArray[np.float64], end: NDArray[np.float64], half: float, color: Rgb
) -> None:
    (ax, ay), (dx, dy) = start.tolist(), (end - start).tolist()
    squared = dx * dx + dy * dy or 1.0

    def field(u: Field, v: Field) -> Field:
        along = np.clip(((u - ax) * dx + (v - ay) * dy) / squared, 0, 1)
        distance: Field = np.hypot(u - ax - along * dx, v - ay - along * dy) - half
        return distance

    low, high = np.minimum(start, end) - half, np.maximum(start, end) + half
    _paint(pixels, (low[0], low[1], high[0], high[1]), field, color)


def _rounded_field(box: Bounds, radius: float) -> Callable[[Field, Field], Field]:
    x0, y0, x1, y1 = box
    radius = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    half_w, half_h = (x1 - x0) / 2 - radius, (y1 - y0) / 2 - radius

    def field(u: Field, v: Field) -> Field:
        dx, dy = np.abs(u - (x0 + x1) / 2) - half_w, np.abs(v - (y0 + y1) / 2) - half_h
        outside: Field = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
        inside: Field = np.minimum(np.maximum(dx, dy), 0)
        return outside + inside - np.float32(radius)

    return field


def _thinned(path: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Drop points closer than `step` to the last one kept; the two ends stay."""
    kept = [path[0]]
    for point in path[1:-1]:
        if math.dist(point, kept[-1]) >= step:
            kept.append(point)
    return np.array([*kept, *path[1:][-1:]])


def _paint(
    pixels: Pixels,
    bounds: Bounds,
    field: Callable[[Field, Field], Field],
    color: Rgb,
    opacity: float = 1.0,
) -> None:
    height, width = pixels.shape[:2]
    x0, y0 = max(math.floor(bounds[0]) - 1, 0), max(math.floor(bounds[1]) - 1, 0)
    x1, y1 = min(math.ceil(bounds[2]) + 1, width), min(math.ceil(bounds[3]) + 1, height)
    if x0 >= x1 or y0 >= y1:
        return
    u = np.arange(x0, x1, dtype=np.float32)[None, :] + np.float32(0.5)
    v = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5)
    alpha = np.clip(0.5 - field(u, v), 0, 1) * np.float32(opacity)
    blend(pixels[y0:y1, x0:x1], alpha, color)


def blend(pixels: Pixels, alpha: Field, color: Rgb) -> None:
    """Mix `color` into `pixels` in place; `alpha` `(H, W)` float in [0, 1]."""
    weight = alpha[:, :, None]
    mixed = pixels * (1 - weight) + np.asarray(color, dtype=np.float32) * weight
    pixels[:] = np.rint(mixed)
