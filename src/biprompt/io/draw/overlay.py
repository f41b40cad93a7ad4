"""A mask on its photograph: tint, crisp outline, and the marks of the prompt."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.draw.marks import draw_prompt
from biprompt.io.draw.palette import ACCENT, INK, TINT, TRUTH, WHITE, Rgb
from biprompt.masks import bbox_xyxy
from biprompt.prompts import Prompt

_TINY = 64
"""Below this shorter side, in pixels, a white line beside the outline would hide the picture."""


def overlay(
    image: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    *,
    prompt: Prompt | None = None,
    color: Rgb = ACCENT,
) -> NDArray[np.uint8]:
    """Draw a mask over its photograph.

    Args:
        image: `(H, W, 3)` uint8 RGB; not changed.
        mask: `(H, W)` bool, same frame.
        prompt: its points, box, scribbles and polygon are marked; None marks nothing.
        color: colour of the mask.

    Returns:
        `(H, W, 3)` uint8 RGB. Lines and marks grow with the image.

    Raises:
        InputError: an image of another shape or dtype, or a mask of another size.
    """
    check_pair(image, mask)
    picture = image.copy()
    size = math.sqrt(mask.size)
    width = max(1, round(size / 300))
    halo = 0 if min(mask.shape) < _TINY else max(1, width // 2)
    tint(picture, mask, color, width, halo)
    if prompt is not None:
        draw_prompt(picture, prompt)
    return picture


def check_pair(image: NDArray[np.uint8], mask: NDArray[np.bool_] | None) -> None:
    """Raise InputError unless `image` is `(H, W, 3)` uint8 and `mask` is `(H, W)` bool or None."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        actual = f"shape {image.shape} of {image.dtype}"
        raise InputError("image", expected="shape (H, W, 3) of uint8", actual=actual)
    if mask is not None and (mask.shape != image.shape[:2] or mask.dtype != np.bool_):
        actual = f"shape {mask.shape} of {mask.dtype}"
        raise InputError("mask", expected=f"shape {image.shape[:2]} of bool", actual=actual)


def tint(
    picture: NDArray[np.uint8], mask: NDArray[np.bool_], color: Rgb, width: int, halo: int
) -> None:
    """Tint a mask in place, with an outline `width` inside and a white `halo` outside it."""
    if not mask.any():
        return
    x0, y0, x1, y1 = (int(value) for value in bbox_xyxy(mask))
    rows, columns = slice(max(y0 - halo, 0), y1 + halo), slice(max(x0 - halo, 0), x1 + halo)
    view, inside = picture[rows, columns], mask[rows, columns]
    view[inside] = np.rint(view[inside] * (1 - TINT) + np.array(color) * TINT)
    view[_grown(inside, halo) & ~inside] = WHITE
    # Beyond the edge of the picture counts as outside: the outline of a cut thing is closed.
    view[inside & _grown(np.pad(~inside, width, constant_values=True), width, width)] = color


def outline(picture: NDArray[np.uint8], mask: NDArray[np.bool_], width: int) -> None:
    """Draw the edge of a true mask in place: a line `width` inside it, dark on both sides."""
    if not mask.any():
        return
    inner = mask & _grown(np.pad(~mask, width, constant_values=True), width, width)
    casing = max(1, width // 2)
    picture[_grown(inner, casing)] = INK
    picture[inner] = TRUTH


def _grown(mask: NDArray[np.bool_], steps: int, crop: int = 0) -> NDArray[np.bool_]:
    """Grow a mask by `steps` pixels as an octagon, near a disc; cut `crop` from every side."""
    grown = mask.copy()
    for step in range(steps):
        before = grown.copy() if step % 2 == 0 else grown
        grown[1:] |= before[:-1]
        grown[:-1] |= before[1:]
        before = before if step % 2 == 0 else grown.copy()
        grown[:, 1:] |= before[:, :-1]
        grown[:, :-1] |= before[:, 1:]
    return grown[crop : grown.shape[0] - crop, crop : grown.shape[1] - crop]
