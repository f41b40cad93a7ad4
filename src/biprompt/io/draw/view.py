"""Which part of a photograph the card shows, how large, and the thumbnails themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.io.draw.marks import draw_prompt
from biprompt.io.draw.overlay import outline, tint
from biprompt.io.draw.palette import Rgb
from biprompt.masks import bbox_xyxy
from biprompt.prompts import Prompt

Region = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the original image."""

_SMOOTHING = 2
"""Thumbnails are drawn this much larger and then averaged, which smooths the outlines."""

_LEAST_SIDE = 0.4
"""A view shows at least this share of each side, so that the surroundings stay known."""

_WHOLE_FROM = 0.6
"""A view that would show more than this share of the photograph shows all of it."""


def region_of_interest(
    hw: tuple[int, int], masks: Sequence[NDArray[np.bool_]], prompt: Prompt | None
) -> Region:
    """Choose the part of an image that holds all masks and marks with their surroundings."""
    height, width = hw
    corners = [np.reshape(bbox_xyxy(mask), (2, 2)) for mask in masks if mask.any()]
    corners.extend(_marked(prompt))
    if not corners:
        return 0, 0, width, height
    every = np.concatenate(corners)
    x0, x1 = _widened(every[:, 0].min(), every[:, 0].max(), width)
    y0, y1 = _widened(every[:, 1].min(), every[:, 1].max(), height)
    if (x1 - x0) * (y1 - y0) > _WHOLE_FROM * width * height:
        return 0, 0, width, height
    return x0, y0, x1, y1


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One part of a photograph, ready to be shown many times with different masks.

    Attributes:
        region: the part shown.
        size: `(width, height)` of a thumbnail in pixels.
        prompt: what is marked on every thumbnail.
        photo: the part at `_SMOOTHING` times the size, `(h, w, 3)` uint8.
    """

    region: Region
    size: tuple[int, int]
    prompt: Prompt | None
    photo: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(
        cls, image: NDArray[np.uint8], region: Region, size: tuple[int, int], prompt: Prompt | None
    ) -> View:
        """Cut and resize the photograph once."""
        return cls(region, size, prompt, _resized(_cut(image, region), size))

    def thumbnail(
        self,
        mask: NDArray[np.bool_] | None,
        color: Rgb,
        *,
        truth: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.uint8]:
        """Return `(h, w, 3)` uint8: the photograph, a mask over it, and the prompt's marks.

        Args:
            mask: `(H, W)` bool, frame of the original image; None tints nothing.
            color: of the mask.
            truth: `(H, W)` bool, same frame, drawn as an outline; None draws none.
        """
        large = self.photo.copy()
        if mask is not None:
            tint(large, self._shown(mask), color, width=2 * _SMOOTHING, halo=_SMOOTHING)
        if truth is not None:
            outline(large, self._shown(truth), width=2 * _SMOOTHING)
        small = np.array(Image.fromarray(large).reduce(_SMOOTHING))
        if self.prompt is not None:
            x0, y0, x1, y1 = self.region
            scale = self.size[0] / (x1 - x0), self.size[1] / (y1 - y0)
            draw_prompt(small, self.prompt, origin=(x0, y0), scale=scale)
        return small

    def _shown(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        cover = _resized(_cut(mask, self.region).astype(np.uint8) * np.uint8(255), self.size)
        shown: NDArray[np.bool_] = cover >= 128
        # A mask too small for this size is shown too large rather than not at all.
        return shown if shown.any() else cover > 0


def _marked(prompt: Prompt | None) -> list[NDArray[np.float64]]:
    if prompt is None:
        return []
    marked = [scribble.xy for scribble in prompt.scribbles]
    marked += [prompt.points.xy] if prompt.points is not None else []
    marked += [prompt.box.xyxy.reshape(2, 2)] if prompt.box is not None else []
    marked += [prompt.polygon.xy] if prompt.polygon is not None else []
    return marked


def _widened(low: float, high: float, side: int) -> tuple[int, int]:
    """Double an interval around its middle, to at least `_LEAST_SIDE` of the side, and fit it."""
    length = min(max(2 * (high - low), _LEAST_SIDE * side, 1), side)
    start = min(max((low + high - length) / 2, 0), side - length)
    return int(np.floor(start)), int(np.ceil(start + length))


def _cut(array: NDArray[np.generic], region: Region) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = region
    return np.ascontiguousarray(array[y0:y1, x0:x1]).astype(np.uint8, copy=False)


def _resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    target = size[0] * _SMOOTHING, size[1] * _SMOOTHING
    return np.asarray(Image.fromarray(pixels).resize(target, _filter(pixels, target)))


def _filter(pixels: NDArray[np.uint8], target: tuple[int, int]) -> Image.Resampling:
    growth = target[0] / pixels.shape[1]
    if growth < 1:
        return Image.Resampling.BOX if pixels.ndim == 2 else Image.Resampling.LANCZOS
    # Few, large pixels are shown as they are; a photograph enlarged a little looks better smooth.
    if growth > 4 * _SMOOTHING:
        return Image.Resampling.NEAREST
    return Image.Resampling.BILINEAR if pixels.ndim == 2 else Image.Resampling.BICUBIC
