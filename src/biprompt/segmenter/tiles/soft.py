"""Soft masks of answers, in pixels of the part that was looked at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame, resize_mask_logits
from biprompt.results import Segmentation

Float = NDArray[np.float32]

BAND_PIXELS = 2**22
"""Pixels that are worked on at once."""
SURE = 6.0
"""Logit at which an answer counts as certain: beyond it, one tile would outvote the other."""


def logits_of(answer: Segmentation, frame: ModelFrame) -> Float:
    """Return the mask of an answer as logits `(H, W)` float32, above 0 inside it.

    Args:
        answer: with its soft mask where the model gives one; else `SURE` inside and less outside.
        frame: how the model saw the part of the image; the logits have its original size.
    """
    if answer.soft is None:
        return np.where(answer.mask, np.float32(SURE), np.float32(-SURE))
    values = _logits(answer.soft)
    if frame.is_padded:
        h, w = frame.model_hw
        values = resize_mask_logits(values, frame.canvas_hw)[:h, :w]
    return resize_mask_logits(values, frame.original_hw)


def _logits(soft: Float) -> Float:
    """The inverse of the sigmoid, from -SURE to SURE."""
    edge = 1 / (1 + np.exp(SURE))
    share = np.clip(soft.astype(np.float64), edge, 1 - edge)
    return np.log(share / (1 - share)).astype(np.float32)


def enlarged(logits: Float, hw: tuple[int, int]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Return where a small map is above 0 at a larger size, in bands of rows with their first.

    The same as `masks_from_logits`, without ever holding all of it.

    Args:
        logits: `(h, w)`.
        hw: height and width of the result.
    """
    high = max(1, BAND_PIXELS // hw[1])
    scale = len(logits) / hw[0]
    for top in range(0, hw[0], high):
        rows = np.arange(top, min(top + high, hw[0]))
        at = np.maximum((rows + 0.5) * scale - 0.5, 0)
        first = np.minimum(at.astype(np.intp), len(logits) - 1)
        second = np.minimum(first + 1, len(logits) - 1)
        share = (at - first).astype(np.float32)[:, None]
        between = logits[first] * (1 - share) + logits[second] * share
        yield top, resize_mask_logits(between, (len(rows), hw[1])) > 0
