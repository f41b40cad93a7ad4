"""Ask the example expert, and keep what it measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.examples.questions import Question
from biprompt.data.samples import Shot
from biprompt.experts.examples import judging
from biprompt.experts.examples.expert import Seen, areas, proposed, shown
from biprompt.experts.examples.prior import prior_map
from biprompt.experts.examples.support import Support
from biprompt.experts.pair import Proposal
from biprompt.masks import iou_matrix
from biprompt.prompts import Example
from biprompt.segmenter import Segmenter

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What one question gave.

    Attributes:
        folder: of the examples.
        values: ``(K, 6)``, see `judging.measured`.
        ious: ``(K,)`` true IoU; zeros where the thing is not there.
        alike: ``(K, 2)``, see `judging.resemblance`, of every proposal.
        is_there: whether the thing is in the image.
        is_strange: whether the image comes from another folder.
    """

    folder: str
    values: Floats
    ious: Floats
    alike: Floats
    is_there: bool
    is_strange: bool


def ask(model: Segmenter, question: Question) -> Asked:
    """Ask one question."""
    seen = [_seen(model, shot) for shot in question.supports]
    image = model.embed(question.query.picture.path)
    support = Support.of([shown(model.runtime, one) for one in seen])
    prior = prior_map(model.runtime.dense(image), support)
    found = proposed(model.runtime, image, prior)
    return Asked(
        question.folder,
        judging.measured(found, prior, support, areas(seen)),
        _ious(found, question.truth),
        np.array([judging.resemblance(one, prior, support) for one in found]),
        question.truth is not None,
        question.is_strange,
    )


def _seen(model: Segmenter, shot: Shot) -> Seen:
    return Seen(Example(shot.picture.load().pixels, shot.mask()), model.embed(shot.picture.path))


def _ious(found: list[Proposal], truth: NDArray[np.bool_] | None) -> Floats:
    if truth is None:
        return np.zeros(len(found))
    masks = np.stack([proposal.mask for proposal in found])
    return np.asarray(iou_matrix(masks, truth[None])[:, 0])
