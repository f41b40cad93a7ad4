"""From examples to proposals: gather, compare, draw, decode, judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from biprompt.experts.examples import judging
from biprompt.experts.examples.drawing import prompts
from biprompt.experts.examples.prior import Prior, prior_map
from biprompt.experts.examples.seen import Seen
from biprompt.experts.examples.support import Shown, Support
from biprompt.experts.pair import Proposal, Row, decode
from biprompt.geometry import masks_from_logits, masks_in_frame
from biprompt.masks import iou_matrix
from biprompt.prompts import Example
from biprompt.runtime.base import ExampleRuntime, ImageEmbedding, Runtime

OFFERED = 5
"""Proposals that reach the gate, at most."""
ALIKE = 0.9
"""IoU from which two proposals are the same; the better one is kept."""

_UNSURE = 0.5
"""Predicted IoU of the prior itself, which no decoder judged."""


@dataclass(frozen=True, slots=True, eq=False)
class Resembling:
    """What resembles examples in an image.

    Attributes:
        proposals: the best first; their score is the IoU to expect.
        presence: 0 to 1, how likely the thing is there; None where the model does not say.
    """

    proposals: tuple[Proposal, ...]
    presence: float | None


def resembling(runtime: Runtime, image: ImageEmbedding, seen: Sequence[Seen]) -> Resembling:
    """Find what examples show.

    Args:
        runtime: the model.
        image: where to find it.
        seen: at least one example of label 1.
    """
    if runtime.facts.examples:
        return _imitated(runtime, image, [one.example for one in seen])
    support = Support.of([shown(runtime, one) for one in seen])
    prior = prior_map(runtime.dense(image), support)
    found = proposed(runtime, image, prior)
    values = judging.measured(found, prior, support, areas(seen))
    expected = judging.expected_iou(values)
    best = found[int(expected.argmax())]
    presence = judging.presence(*judging.resemblance(best, prior, support), runtime.facts.model)
    rated = [replace(p, score=float(e)) for p, e in zip(found, expected, strict=True)]
    return Resembling(tuple(_distinct(rated)), presence)


def proposed(runtime: Runtime, image: ImageEmbedding, prior: Prior) -> list[Proposal]:
    """All proposals for a prior, none of them empty: the decoder's, and the tight prior itself."""
    asked = prompts(prior, image.frame, masks=runtime.facts.masks)
    found = decode(runtime, image, [Row(one) for one in asked], None)
    tight, hw = prior.tightened(), image.frame.original_hw
    itself = masks_from_logits(tight.lead - tight.level, hw)
    if not itself.any():  # of a lead that is the same everywhere
        itself = masks_from_logits(tight.likely - 0.5, hw)
    every = (*(proposal for row in found for proposal in row), Proposal(itself, _UNSURE))
    return [one for one in every if one.mask.any()]


def areas(seen: Sequence[Seen]) -> list[float]:
    """The part of its image that each example of what is meant marks."""
    return [float(one.example.mask.mean()) for one in seen if one.example.label]


def shown(runtime: Runtime, one: Seen) -> Shown:
    """An example in the model's features."""
    if one.image is None:
        raise TypeError("an example that was not looked at")
    features = runtime.dense(one.image)
    return Shown.of(features, one.example.mask, is_meant=bool(one.example.label))


def _distinct(proposals: Sequence[Proposal]) -> list[Proposal]:
    """The best proposals, none of them the same as a better one."""
    kept: list[Proposal] = []
    for one in sorted(proposals, key=lambda proposal: -proposal.score):
        others = [other.mask for other in kept]
        if not kept or float(iou_matrix(one.mask[None], np.stack(others)).max()) < ALIKE:
            kept.append(one)
        if len(kept) == OFFERED:
            break
    return kept


def _imitated(runtime: Runtime, image: ImageEmbedding, examples: Sequence[Example]) -> Resembling:
    """By the model's own expert; what the negative examples mark is taken out."""
    expert = cast(ExampleRuntime, runtime)
    found = _marked(expert, image, [example for example in examples if example.label])
    denied = [Example(one.image, one.mask) for one in examples if not one.label]
    if denied:
        found = replace(found, mask=found.mask & ~_marked(expert, image, denied).mask, soft=None)
    return Resembling((found,) if found.mask.any() else (), None)


def _marked(expert: ExampleRuntime, image: ImageEmbedding, examples: Sequence[Example]) -> Proposal:
    decoded = expert.imitate(image, examples)
    frame = image.frame if decoded.frames is None else decoded.frames[0]
    mask = masks_in_frame(decoded.logits[0][:1], frame)[0]
    return Proposal(mask, float(np.clip(decoded.iou[0][0], 0.0, 1.0)))
