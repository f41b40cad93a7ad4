"""The marks of a prompt: points, scribbles, box and polygon."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biprompt.io.draw import shapes
from biprompt.io.draw.palette import ADD, INK, REMOVE, WHITE, Rgb
from biprompt.prompts import Prompt

_GLYPH_FROM = 4.5
"""Smallest radius, in pixels, in which a plus or minus sign can be seen."""


def draw_prompt(
    pixels: NDArray[np.uint8],
    prompt: Prompt,
    *,
    origin: tuple[float, float] = (0.0, 0.0),
    scale: tuple[float, float] = (1.0, 1.0),
) -> None:
    """Draw a prompt into a picture in place.

    Args:
        pixels: `(H, W, 3)` uint8 RGB.
        prompt: what to draw, in the frame of the original image.
        origin: `(x, y)` of the original image that is the picture's corner.
        scale: picture pixels for each original pixel, along x and y.
    """
    radius = mark_radius(pixels.shape[:2])

    def place(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        placed: NDArray[np.float64] = (xy - np.asarray(origin)) * np.asarray(scale)
        return placed

    for outline in _outlines(prompt):
        _cased_line(pixels, place(outline), radius * 0.32, ADD)
    for scribble in prompt.scribbles:
        color = ADD if scribble.label else REMOVE
        _cased_line(pixels, place(scribble.xy), radius * 0.7, color)
    if prompt.points is not None:
        for xy, label in zip(place(prompt.points.xy), prompt.points.labels, strict=True):
            _point(pixels, xy, bool(label), radius)


def mark_radius(hw: tuple[int, ...]) -> float:
    """Radius of a point's disc in a picture of `hw` pixels: visible, and small in a tiny one."""
    height, width = hw
    return min(max(math.sqrt(height * width) * 0.015, 5.5), min(height, width) * 0.12)


def _outlines(prompt: Prompt) -> list[NDArray[np.float64]]:
    outlines = []
    if prompt.box is not None:
        x0, y0, x1, y1 = prompt.box.xyxy
        outlines.append(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]))
    if prompt.polygon is not None:
        outlines.append(np.concatenate([prompt.polygon.xy, prompt.polygon.xy[:1]]))
    return outlines


def _cased_line(
    pixels: NDArray[np.uint8], xy: NDArray[np.float64], width: float, color: Rgb
) -> None:
    width = max(width, 1.0)
    shapes.line(pixels, xy, width + 2 * max(1.0, width * 0.4), WHITE)
    shapes.line(pixels, xy, width, color)


def _point(pixels: NDArray[np.uint8], xy: NDArray[np.float64], add: bool, radius: float) -> None:
    rim = radius * 0.24
    shapes.disc(pixels, xy, radius + rim + max(radius * 0.12, 0.8), INK, opacity=0.35)
    shapes.disc(pixels, xy, radius + rim, WHITE)
    shapes.disc(pixels, xy, radius, ADD if add else REMOVE)
    if radius < _GLYPH_FROM:
        return
    arm, width = radius * 0.5, max(radius * 0.26, 1.3)
    shapes.line(pixels, xy + np.array([(-arm, 0), (arm, 0)]), width, WHITE)
    if add:
        shapes.line(pixels, xy + np.array([(0, -arm), (0, arm)]), width, WHITE)
