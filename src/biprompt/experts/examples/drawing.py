"""From a prior map to prompts for the decoder: points, boxes and soft masks.

Model frame, as `Pointed` has it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.examples.prior import Prior
from biprompt.experts.spatial import CELL, Pointed, cells_hw
from biprompt.geometry import ModelFrame, resize_mask_logits
from biprompt.masks import bbox_xyxy, components
from biprompt.runtime.base import Float

CLICKS = 3
"""Highest places that are clicked one by one."""
APART = 2.5
"""Least distance between them, in places."""
POSITIVES, NEGATIVES = 4, 4
"""Points of one prompt that add, and that remove."""

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]


def prompts(prior: Prior, frame: ModelFrame, *, masks: bool = True) -> list[Pointed]:
    """What the decoder is asked.

    The soft prior as a mask, its highest and lowest places as points, the box around its surest
    part, and every one of its `CLICKS` highest places alone.

    Args:
        prior: where the image resembles the examples.
        frame: how the model sees the image.
        masks: whether the model starts from a mask.
    """
    tight = prior.tightened()
    asked = [masked_prompt(tight, frame)] if masks else []
    asked += [pointed_prompt(tight, frame), boxed_prompt(prior, surest_part(prior), frame)]
    return [*asked, *clicked_prompts(prior, frame)]


def surest_part(prior: Prior) -> Bool:
    """The connected part ``(h, w)`` bool of the likely places that leads most in all."""
    labels, count = components(prior.likely)
    leads = [float((prior.lead - prior.level)[labels == n].sum()) for n in range(1, count + 1)]
    return np.asarray(labels == 1 + int(np.argmax(leads)))


def peaks(lead: Float, count: int, radius: float) -> NDArray[np.intp]:
    """Rows and columns ``(N, 2)`` of the highest places, none nearer than `radius` to another.

    Args:
        lead: ``(h, w)``; -inf where no peak may be.
        count: most peaks.
        radius: in places.
    """
    left = lead.copy()
    found: list[tuple[int, int]] = []
    rows, columns = np.ogrid[: lead.shape[0], : lead.shape[1]]
    while len(found) < count and np.isfinite(left.max()):
        row, column = divmod(int(left.argmax()), lead.shape[1])
        found.append((row, column))
        left[np.hypot(rows - row, columns - column) < radius] = -np.inf
    return np.array(found, np.intp).reshape(-1, 2)


def masked_prompt(prior: Prior, frame: ModelFrame) -> Pointed:
    """The prior as a soft mask to start from, and its highest place."""
    xy = _middles(peaks(prior.lead, 1, 1.0), prior, frame)
    return Pointed(xy, np.ones(len(xy)), None, soft_cells(prior.soft, frame), False)


def pointed_prompt(prior: Prior, frame: ModelFrame) -> Pointed:
    """The highest likely places as points that add, the lowest ones as points that remove."""
    radius = max(1.0, np.sqrt(prior.likely.sum()) / 3)
    adding = peaks(np.where(prior.likely, prior.lead, -np.inf), POSITIVES, radius)
    low = np.where(prior.likely, -np.inf, -prior.lead)
    removing = peaks(low, NEGATIVES, min(prior.lead.shape) / 3)
    xy = _middles(np.concatenate((adding, removing)), prior, frame)
    return Pointed(xy, np.repeat([1.0, 0.0], (len(adding), len(removing))), None, None, False)


def boxed_prompt(prior: Prior, part: Bool, frame: ModelFrame) -> Pointed:
    """The box around a part of the prior, and the part's highest place."""
    xy = _middles(peaks(np.where(part, prior.lead, -np.inf), 1, 1.0), prior, frame)
    corners = np.array(bbox_xyxy(part), np.float64).reshape(2, 2)
    box = (corners * _place_size(prior, frame)).reshape(4)
    return Pointed(xy, np.ones(len(xy)), box, None, False)


def clicked_prompts(prior: Prior, frame: ModelFrame) -> Iterator[Pointed]:
    """One click on each of the highest places."""
    for xy in _middles(peaks(prior.lead, CLICKS, APART), prior, frame):
        yield Pointed(xy[None], np.ones(1), None, None, True)


def soft_cells(soft: Float, frame: ModelFrame) -> Float:
    """A map ``(h, w)`` of the image on the cells of the canvas, 0 on its padding."""
    canvas = np.zeros(cells_hw(frame), np.float32)
    h, w = (-(-side // CELL) for side in frame.model_hw)
    canvas[:h, :w] = resize_mask_logits(soft, (h, w))[: canvas.shape[0], : canvas.shape[1]]
    return canvas


def _place_size(prior: Prior, frame: ModelFrame) -> Float64:
    """Width and height of a place in model pixels."""
    (h, w), (high, wide) = prior.lead.shape, frame.model_hw
    return np.array([wide / w, high / h])


def _middles(places: NDArray[np.intp], prior: Prior, frame: ModelFrame) -> Float64:
    """Middles ``(N, 2)`` of places given as rows and columns, ``(x, y)`` in the model frame."""
    return np.asarray((places[:, ::-1] + 0.5) * _place_size(prior, frame))
