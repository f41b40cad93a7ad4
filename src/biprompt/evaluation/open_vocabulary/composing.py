"""Label maps: the truth of a photograph, and one put together from the masks of its classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.data.labels import IGNORE, LabelMap
from biprompt.data.outlines import BoolMask
from biprompt.data.samples import SemanticSample
from biprompt.evaluation.open_vocabulary.record import Classes
from biprompt.masks.overlaps import owners
from biprompt.results import Segmentation

Labels = NDArray[np.int32]


class Composition:
    """A label map that grows mask by mask, as `biprompt.masks.overlaps.owners` makes one of all.

    So it needs the memory of one mask, not of 171. Of the masks that claim a pixel the one with the
    highest score has it, of equal ones the earliest.

    Args:
        hw: (height, width).
        rest: number where no mask is.
    """

    def __init__(self, hw: tuple[int, int], rest: int) -> None:
        """Begin with no mask."""
        self.labels: Labels = np.full(hw, rest, np.int32)
        self._scores = np.full(hw, -np.inf)

    def add(self, number: int, mask: BoolMask, score: float) -> None:
        """Let a mask claim its pixels.

        Args:
            number: written where it wins.
            mask: (H, W) bool.
            score: finite.
        """
        won = mask & (score > self._scores)
        self.labels[won] = number
        self._scores[won] = score


def truth_map(sample: SemanticSample, classes: Classes) -> Labels:
    """Return the true number of every pixel, (H, W) int32, IGNORE where none counts.

    Of masks that share a pixel, as a rider's and the horse's, the smaller one has it.
    """
    if isinstance(sample.source, LabelMap):
        labels = sample.source.decode()
    else:
        labels = _joined(sample, classes.rest)
    if classes.ignored and classes.background is not None:
        labels = np.where(labels == classes.background, np.int32(IGNORE), labels)
    return labels


def _joined(sample: SemanticSample, rest: int) -> Labels:
    regions = list(sample.regions())
    if not regions:
        return np.full(sample.picture.load().hw, rest, np.int32)
    numbers = np.array([rest, *(index for index, _ in regions)], np.int32)
    masks = np.stack([mask for _, mask in regions])
    return numbers[owners(masks, [-int(np.count_nonzero(mask)) for mask in masks])]


def score_of(answer: Segmentation) -> float:
    """Return what a mask competes with: presence, else the predicted IoU of the mask, else 0."""
    if answer.presence is not None:
        return float(answer.presence)
    card = answer.card
    return float(card.candidates[card.winner].score) if card.winner is not None else 0.0
