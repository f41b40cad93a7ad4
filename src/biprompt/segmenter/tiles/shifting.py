"""A prompt of a large image as a prompt of one window of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.spatial import covered
from biprompt.masks import Window, bbox_xyxy
from biprompt.prompts import Box, MaskPrompt, Points, Polygon, Prompt, Scribble

Float = NDArray[np.float64]


def reach(prompt: Prompt) -> Window:
    """Return the smallest window that holds everything a prompt points at.

    Args:
        prompt: fits its image, and something is drawn in it.
    """
    corners = [stroke.xy for stroke in prompt.scribbles]
    if prompt.points is not None:
        corners.append(prompt.points.xy)
    if prompt.box is not None:
        corners.append(prompt.box.xyxy.reshape(2, 2))
    if prompt.polygon is not None:
        corners.append(prompt.polygon.xy)
    if prompt.mask is not None:
        corners.append(np.array(bbox_xyxy(prompt.mask.mask), np.float64).reshape(2, 2))
    every = np.concatenate(corners)
    (x0, y0), (x1, y1) = np.floor(every.min(axis=0)), np.ceil(every.max(axis=0))
    # A single point is a pixel, too.
    return Window(int(x0), int(y0), max(int(x1), int(x0) + 1), max(int(y1), int(y0) + 1))


def shifted(prompt: Prompt, window: Window, hw: tuple[int, int]) -> Prompt:
    """Return a prompt in pixels of a window.

    Args:
        prompt: in pixels of the image; what it points at lies in the window.
        window: of the image.
        hw: height and width at which the window is shown, none larger than the window's.
    """
    scale = np.array([hw[1] / window.hw[1], hw[0] / window.hw[0]])
    last = np.nextafter(np.array(hw[::-1], np.float64), 0)

    def moved(xy: Float) -> Float:
        return np.asarray((xy - (window.x0, window.y0)) * scale)

    def within(xy: Float) -> Float:
        return np.clip(moved(xy), 0, last)

    return replace(
        prompt,
        points=_points(prompt.points, within),
        box=None if prompt.box is None else _box(moved(prompt.box.xyxy.reshape(2, 2)), hw),
        scribbles=tuple(Scribble(within(stroke.xy), stroke.label) for stroke in prompt.scribbles),
        polygon=None if prompt.polygon is None else Polygon(moved(prompt.polygon.xy)),
        mask=None if prompt.mask is None else _mask(prompt.mask, window, hw),
    )


def _points(points: Points | None, within: Callable[[Float], Float]) -> Points | None:
    """The points; where one that adds and one that removes fall into one pixel, the adding one."""
    if points is None:
        return None
    xy, labels = within(points.xy), points.labels
    pixels = [(x, y) for x, y in np.floor(xy).tolist()]
    adds = {pixel for pixel, label in zip(pixels, labels, strict=True) if label}
    kept = [label == 1 or p not in adds for p, label in zip(pixels, labels, strict=True)]
    return Points(xy[kept], labels[kept])


def _box(corners: Float, hw: tuple[int, int]) -> Box:
    """A box of at least one pixel, inside the window."""
    size = np.array(hw[::-1], np.float64)
    half = np.maximum((corners[1] - corners[0]) / 2, 0.5)
    middle = np.clip(corners.mean(axis=0), half, size - half)
    return Box(np.concatenate((middle - half, middle + half)))


def _mask(given: MaskPrompt, window: Window, hw: tuple[int, int]) -> MaskPrompt:
    part = given.mask[window.rows, window.columns]
    if hw == window.hw:
        return MaskPrompt(part)
    shares = covered(part, hw)
    return MaskPrompt(shares >= min(0.5, float(shares.max())))
