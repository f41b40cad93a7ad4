"""Numbers of a whole data set from the sums of its samples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.metrics.functional import Overlap

CLICK_LIMIT = 20


@dataclass(frozen=True, slots=True)
class ClickCount:
    """How many clicks a set needs to reach an IoU.

    Attributes:
        mean: NoC, clicks per object; an object that fails counts the limit.
        failures: NoF, objects that never reach the IoU within the limit.
        objects: how many objects were measured.
    """

    mean: float
    failures: int
    objects: int


def mean(values: Iterable[float]) -> float:
    """Return the exactly rounded mean, whatever the order; NaN of nothing."""
    kept = list(values)
    return math.fsum(kept) / len(kept) if kept else math.nan


def mean_iou(overlaps: Iterable[Overlap]) -> float:
    """Return the mean over samples of their IoU (gIoU of referring segmentation); NaN of none."""
    return mean(sample.iou for sample in overlaps)


def cumulative_iou(overlaps: Iterable[Overlap]) -> float:
    """Return all intersections over all unions (cIoU, also oIoU); large objects weigh more.

    An empty union of the whole set counts 1, no sample at all is NaN.
    """
    kept = list(overlaps)
    union = sum(sample.union for sample in kept)
    if union == 0:
        return 1.0 if kept else math.nan
    return sum(sample.intersection for sample in kept) / union


def precision_at(ious: Sequence[float], threshold: float) -> float:
    """Return P@X: the share of samples whose IoU is at least `threshold`, 0 to 1; NaN of none.

    As eq. 19 of the survey and LAVT's evaluation; the survey's words ask for more than X.
    """
    return sum(iou >= threshold for iou in ious) / len(ious) if ious else math.nan


def clicks_to_reach(
    ious: Sequence[float], threshold: float, limit: int = CLICK_LIMIT
) -> int | None:
    """Return the first click, from 1, after which the IoU is at least `threshold`.

    Args:
        ious: IoU after each click.
        threshold: IoU to reach.
        limit: clicks that are given at most; later ones do not count.

    Returns:
        A number from 1 to `limit`, or None for an object that fails.
    """
    for number, iou in enumerate(ious[:limit], start=1):
        if iou >= threshold:
            return number
    return None


def number_of_clicks(
    sequences: Iterable[Sequence[float]], threshold: float, limit: int = CLICK_LIMIT
) -> ClickCount:
    """Return NoC@threshold and its failures over objects (Xu et al. 2016; RITM, section 4).

    Args:
        sequences: for each object, its IoU after each click.
        threshold: IoU to reach, 0 to 1.
        limit: clicks given at most; a failing object counts `limit`.
    """
    counts = [clicks_to_reach(ious, threshold, limit) for ious in sequences]
    clicks = [limit if count is None else count for count in counts]
    return ClickCount(mean(clicks), counts.count(None), len(counts))


def mean_after_clicks(sequences: Iterable[Sequence[float]], clicks: int) -> float:
    """Return the mean IoU after `clicks` clicks; a sequence that ended early keeps its last IoU.

    Raises:
        InputError: an object without any IoU, or less than one click.
    """
    if clicks < 1:
        raise InputError("clicks", expected="at least 1", actual=clicks)
    kept = list(sequences)
    if any(len(ious) == 0 for ious in kept):
        raise InputError("IoU after each click", expected="at least one", actual="none")
    return mean(ious[min(clicks, len(ious)) - 1] for ious in kept)


def auroc(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Return the area under the ROC curve: P(score of a positive > score of a negative).

    Computed from ranks (Mann-Whitney U), ties counting one half.

    Args:
        scores: (N,) finite numbers, higher for positives.
        labels: (N,) bool.

    Returns:
        0 to 1; NaN where one of the two classes is missing.

    Raises:
        InputError: the lengths differ or a score is not finite.
    """
    values, positive = scored(scores, labels)
    count = int(positive.sum())
    others = positive.size - count
    if count == 0 or others == 0:
        return math.nan
    _, position, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(sizes) - (sizes - 1) / 2  # average rank of each distinct score, from 1
    total = float(ranks[position[positive]].sum())
    return (total - count * (count + 1) / 2) / (count * others)


def balanced_threshold(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Return the score that splits best: at or above it positive, by the mean of both accuracies.

    The middle between two neighbouring scores is taken, the lowest among equals; NaN where one of
    the two classes is missing. Arguments and errors as `auroc`.
    """
    values, positive = scored(scores, labels)
    count = int(positive.sum())
    if count in (0, positive.size):
        return math.nan
    distinct, position = np.unique(values, return_inverse=True)
    below = np.cumsum(np.bincount(position[~positive], minlength=distinct.size))
    lost = np.cumsum(np.bincount(position[positive], minlength=distinct.size))
    gain = below / (positive.size - count) - lost / count  # of a threshold above distinct[i]
    best = int(np.argmax(gain))
    if gain[best] <= 0 or best + 1 == distinct.size:
        return float(distinct[0])
    return float(distinct[best] + distinct[best + 1]) / 2


def scored(
    scores: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return scores (N,) float64 and labels (N,) bool; errors as `auroc`."""
    values, positive = np.asarray(scores, np.float64), np.asarray(labels, bool)
    if values.shape != positive.shape or values.ndim != 1:
        raise InputError(
            "labels", expected=f"one a score, {values.shape}", actual=str(positive.shape)
        )
    if not np.isfinite(values).all():
        raise InputError("scores", expected="finite numbers", actual="NaN or infinity")
    return values, positive
