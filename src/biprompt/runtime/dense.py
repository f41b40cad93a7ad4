"""Feature maps by which places of images are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biprompt.geometry import ModelFrame, resize_mask_logits
from biprompt.runtime.base import Float

_LEAST = 1e-6


def unit(places: Float) -> Float:
    """Vectors ``(C, ...)`` of length 1 along the first axis; a vector of zeros stays one."""
    length = np.sqrt(np.square(places).sum(0, keepdims=True))
    return np.asarray(places / np.maximum(length, _LEAST), np.float32)


def joined_levels(levels: Sequence[Float], like: Float) -> Float:
    """Feature maps as one, in which every map has the same say in a cosine.

    Args:
        levels: maps ``(1, C, h, w)`` float32 of one image, of any resolution.
        like: a map of the wanted resolution.

    Returns:
        ``(C1 + C2 + ..., h, w)`` float32.
    """
    hw = (like.shape[2], like.shape[3])
    return np.concatenate([unit(resize_mask_logits(level[0], hw)) for level in levels])


def uncovered(level: Float, frame: ModelFrame) -> Float:
    """The part of a map of the canvas that shows the image, and not the padding.

    Args:
        level: ``(1, C, h, w)`` float32, of the whole canvas.
        frame: how the model saw the image.

    Returns:
        ``(C, h', w')`` float32; places at the edge that the image covers by half count.
    """
    kept = [
        max(1, round(places * side / whole))
        for places, side, whole in zip(
            level.shape[2:], frame.model_hw, frame.canvas_hw, strict=True
        )
    ]
    return np.ascontiguousarray(level[0, :, : kept[0], : kept[1]])
