"""Pixels of a yes-or-no mask in four counts: what FB-IoU needs beyond an overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass

from biprompt.metrics.functional import BoolArray, Overlap, overlap
from biprompt.metrics.merging import Mergeable


@dataclass(frozen=True, slots=True)
class PixelCounts(Mergeable):
    """Pixels by truth and prediction, of one mask or of many.

    Attributes:
        both: in the truth and in the prediction.
        surplus: in the prediction alone.
        missed: in the truth alone.
        neither: in none of both.
    """

    both: int = 0
    surplus: int = 0
    missed: int = 0
    neither: int = 0

    @property
    def foreground_iou(self) -> float:
        """IoU of the thing; NaN where neither side has a pixel of it."""
        return _share(self.both, self.both + self.surplus + self.missed)

    @property
    def background_iou(self) -> float:
        """IoU of all that is not the thing; NaN where there is none."""
        return _share(self.neither, self.neither + self.surplus + self.missed)

    @property
    def fb_iou(self) -> float:
        """FB-IoU, the mean of both; NaN where one of them is (Rakelly et al. 2018)."""
        return (self.foreground_iou + self.background_iou) / 2


def pixel_counts(
    prediction: BoolArray, truth: BoolArray, ignore: BoolArray | None = None
) -> PixelCounts:
    """Count the pixels of a (H, W) bool prediction; arguments and errors as `overlap`."""
    counted = truth.size - (0 if ignore is None else int(ignore.sum()))
    return _counts(overlap(prediction, truth, ignore), counted)


def _counts(sums: Overlap, counted: int) -> PixelCounts:
    both = sums.intersection
    return PixelCounts(both, sums.prediction - both, sums.truth - both, counted - sums.union)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
