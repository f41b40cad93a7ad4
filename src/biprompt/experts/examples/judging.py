"""How good a proposal is, judged by the examples, and whether the thing is there at all.

The IoU to expect of a proposal is linear in a few measurements, the log-odds that the thing is
there in a single one; both were fitted on photographs kept out of training, see `calibration.toml`
and `benchmarks.examples`, which makes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.examples.prior import Prior
from biprompt.experts.examples.support import Support, unit
from biprompt.experts.pair import Proposal
from biprompt.experts.spatial import covered
from biprompt.masks import iou_matrix
from biprompt.presence import presence_probability
from biprompt.runtime.base import Float

Float64 = NDArray[np.float64]
PATH = Path(__file__).parent / "calibration.toml"
MEASURED = ("ahead", "matched", "overlap", "predicted", "agreed", "resized")
"""Columns of `measured`."""
ANY = "any"
"""The calibration of models that have none of their own."""


def measured(
    proposals: Sequence[Proposal], prior: Prior, support: Support, areas: Sequence[float]
) -> Float64:
    """Measurements of proposals, ``(K, 6)`` in the order of `MEASURED`.

    ahead: by how much the cosine of the mask's average to that of what is meant leads the cosine
    to what is not. matched: by how much the places that are meant find more like them
    inside the mask than outside, on average. overlap: fuzzy IoU with the tight prior. predicted:
    the decoder's own IoU. agreed: mean IoU with all proposals. resized: how many times larger or
    smaller than in the examples, as a logarithm.

    Args:
        proposals: none empty.
        prior: of the image.
        support: of the examples.
        areas: part of its image that each example marks.
    """
    hw, tight = (prior.lead.shape[0], prior.lead.shape[1]), prior.tightened().soft
    masks = np.stack([proposal.mask for proposal in proposals])
    parts = np.stack([covered(mask, hw) for mask in masks])
    inside = parts.reshape(len(parts), -1)
    averages = unit(prior.places @ inside.T)
    usual = float(np.exp(np.mean(np.log(areas))))
    columns = (
        support.prototype @ averages - (support.contrasts.T @ averages).max(0),
        _matched(inside, support.meant.T @ prior.places),
        np.minimum(parts, tight).sum((1, 2)) / np.maximum(parts, tight).sum((1, 2)),
        [proposal.score for proposal in proposals],
        iou_matrix(masks, masks).mean(1),
        np.abs(np.log(masks.mean((1, 2)) / usual)),
    )
    return np.stack([np.asarray(column, np.float64) for column in columns], 1)


def _matched(inside: Float, alike: Float) -> Float64:
    """Mean over what is meant of its best cosine inside less that outside each mask, ``(K,)``.

    Args:
        inside: ``(K, n)``, covered part of each place.
        alike: ``(m, n)``, cosine of what is meant to each place.
    """
    found = []
    for part in inside:
        within = part >= min(0.5, float(part.max()))
        without = alike[:, ~within].max(1, initial=-1.0) if not within.all() else 0.0
        found.append(float(np.mean(alike[:, within].max(1) - without)))
    return np.array(found)


def resemblance(best: Proposal, prior: Prior, support: Support) -> tuple[float, float]:
    """How alike a proposal and the examples are: a cosine, and the same relative to chance.

    The cosine is that of the masked averages. Features of some models are all much alike; relative
    is 0 where the cosine is that of the example's own surroundings and 1 where it is 1.

    Args:
        best: the proposal that is judged best, not empty.
        prior: of the image.
        support: of the examples.
    """
    part = covered(best.mask, (prior.lead.shape[0], prior.lead.shape[1])).ravel()
    cosine = float(support.prototype @ unit(prior.places @ part))
    floor = float((support.contrasts.T @ support.prototype).max())
    return cosine, (cosine - floor) / max(1.0 - floor, 1e-6)


def expected_iou(values: Float64) -> Float64:
    """The IoU to expect of proposals ``(K,)``, 0 to 1, from their measurements."""
    entry = calibration()["iou"]
    weights = np.array([float(entry["weights"][column]) for column in MEASURED])
    return np.asarray(np.clip(values @ weights + float(entry["bias"]), 0.0, 1.0))


def presence(cosine: float, relative: float, model: str) -> float:
    """How likely the thing is there, 0 to 1, from its resemblance.

    0.5 is the threshold that `calibration.toml` states: there, on its photographs, as large a part
    of what is there was refused as was found of what is not.

    Args:
        cosine: see `resemblance`.
        relative: likewise; it counts for models without a calibration of their own.
        model: name of the model.
    """
    known = calibration()["presence"]
    line, value = (known[model], cosine) if model in known else (known[ANY], relative)
    return presence_probability(float(line["slope"]) * (value - float(line["threshold"])))


@cache
def calibration() -> Mapping[str, Any]:
    """The fitted numbers, as the file has them."""
    return tomllib.loads(PATH.read_text(encoding="utf-8"))
