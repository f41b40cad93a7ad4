"""The true label map of a photograph."""

from __future__ import annotations

import numpy as np

from biprompt.data.labels import IGNORE, LabelMap
from biprompt.data.samples import SemanticSample
from biprompt.evaluation.open_vocabulary.record import Classes
from biprompt.masks.overlaps import owners
from biprompt.segmenter.classes.composing import Labels


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
