"""Semantic segmentation from one confusion matrix: IoU by class, mIoU, seen, unseen, hIoU.

Every number is of the whole set: pixels of all images are counted before anything is divided.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.metrics.accumulate import mean
from biprompt.metrics.merging import Mergeable
from biprompt.metrics.pixels import PixelCounts

IGNORED = 255


@dataclass(frozen=True, slots=True, eq=False)
class Confusion(Mergeable):
    """Pixels by true and predicted class.

    Attributes:
        counts: (C, C) int64, rows the truth, columns the prediction.
    """

    counts: npt.NDArray[np.int64]

    def ious(self) -> npt.NDArray[np.float64]:
        """Return (C,) float64, IoU by class; NaN for a class that neither side has."""
        hits = np.diag(self.counts)
        unions = self.counts.sum(0) + self.counts.sum(1) - hits
        ious = np.full(len(hits), np.nan)
        np.divide(hits, unions, out=ious, where=unions > 0)
        return ious

    def miou(self, classes: Iterable[int] | None = None) -> float:
        """Mean IoU over some classes, all when left out; those without an IoU are left out."""
        ious = self.ious() if classes is None else self.ious()[list(classes)]
        return mean(ious[~np.isnan(ious)].tolist())

    def against(self, background: int) -> PixelCounts:
        """Join all classes but one into a foreground, for FB-IoU."""
        total = int(self.counts.sum())
        row, column = (int(self.counts.sum(axis)[background]) for axis in (1, 0))
        neither = int(self.counts[background, background])
        surplus, missed = row - neither, column - neither
        return PixelCounts(total - neither - surplus - missed, surplus, missed, neither)


class SeenUnseen(NamedTuple):
    """mIoU of the classes in training and of those kept out of it.

    Attributes:
        seen: mIoU of the classes in training.
        unseen: mIoU of the others.
        harmonic: hIoU (survey, eq. 29).
    """

    seen: float
    unseen: float
    harmonic: float


def confusion(
    prediction: npt.NDArray[np.integer],
    truth: npt.NDArray[np.integer],
    classes: int,
    ignored: int = IGNORED,
) -> Confusion:
    """Count the pixels of one image.

    Args:
        prediction: (H, W) class numbers.
        truth: (H, W) class numbers, or `ignored` where a pixel counts nowhere.
        classes: how many classes; numbers run from 0.
        ignored: the number of no class.

    Raises:
        InputError: the arrays differ in shape, or a counted pixel has a number of no class.
    """
    if prediction.shape != truth.shape:
        raise InputError("prediction", expected=f"shape {truth.shape}", actual=prediction.shape)
    counted = truth != ignored
    rows, columns = truth[counted].astype(np.int64), prediction[counted].astype(np.int64)
    for name, found in (("truth", rows), ("prediction", columns)):
        if found.size and not 0 <= found.min() <= found.max() < classes:
            expected = f"class numbers from 0 to {classes - 1}"
            raise InputError(name, expected=expected, actual=f"{found.min()} to {found.max()}")
    counts = np.bincount(rows * classes + columns, minlength=classes * classes)
    return Confusion(counts.reshape(classes, classes))


def seen_unseen(found: Confusion, unseen: Iterable[int]) -> SeenUnseen:
    """Split the mIoU by what was in training.

    Args:
        found: pixels of the whole set.
        unseen: numbers of the classes kept out of training.
    """
    out = set(unseen)
    rest = [number for number in range(len(found.counts)) if number not in out]
    one, other = found.miou(rest), found.miou(sorted(out))
    return SeenUnseen(one, other, harmonic_mean(one, other))


def harmonic_mean(one: float, other: float) -> float:
    """Return 2ab / (a + b), 0 where both are 0, NaN where one is NaN (survey, eq. 29)."""
    if math.isnan(one + other):
        return math.nan
    return 2 * one * other / (one + other) if one + other else 0.0
