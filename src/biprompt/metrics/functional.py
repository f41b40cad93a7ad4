"""Sums of one sample: pixels that agree, with or without an ignored band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Pixel counts of one prediction beside its truth.

    Attributes:
        intersection: pixels in both.
        prediction: pixels of the prediction.
        truth: pixels of the truth.
    """

    intersection: int
    prediction: int
    truth: int

    @property
    def union(self) -> int:
        """Pixels in at least one of both."""
        return self.prediction + self.truth - self.intersection

    @property
    def iou(self) -> float:
        """Intersection over union, 0 to 1; an empty union is agreement and counts 1."""
        return self.intersection / self.union if self.union else 1.0

    @property
    def dice(self) -> float:
        """Dice coefficient, 0 to 1; two empty masks count 1."""
        total = self.prediction + self.truth
        return 2 * self.intersection / total if total else 1.0


def overlap(prediction: BoolArray, truth: BoolArray, ignore: BoolArray | None = None) -> Overlap:
    """Count the pixels of a prediction and its truth.

    Args:
        prediction: (H, W) bool.
        truth: (H, W) bool.
        ignore: (H, W) bool, pixels that count nowhere, as the boundary band of GrabCut.

    Raises:
        InputError: the masks differ in shape or are not bool.
    """
    _check(truth, prediction=prediction, ignore=ignore)
    if ignore is not None:
        prediction, truth = prediction & ~ignore, truth & ~ignore
    return Overlap(
        intersection=int(np.count_nonzero(prediction & truth)),
        prediction=int(np.count_nonzero(prediction)),
        truth=int(np.count_nonzero(truth)),
    )


def overlap_ious(
    predictions: list[BoolArray], truth: BoolArray, ignore: BoolArray | None = None
) -> list[float]:
    """Return the IoU of each (H, W) bool prediction with one truth; arguments as `overlap`."""
    return [overlap(prediction, truth, ignore).iou for prediction in predictions]


def _check(truth: BoolArray, **others: BoolArray | None) -> None:
    for name, mask in {"truth": truth, **others}.items():
        if mask is not None and (mask.shape != truth.shape or mask.dtype != np.bool_):
            raise InputError(
                name,
                expected=f"bool of shape {truth.shape}",
                actual=f"{mask.dtype} of shape {mask.shape}",
            )
