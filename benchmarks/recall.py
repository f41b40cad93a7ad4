"""Recall of outlined things by masks that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = np.arange(0.5, 1.0, 0.05)
SMALL, LARGE = 0.01, 0.1
FIRST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """One photograph.

    Attributes:
        ious: (M, N) of M masks, best first, with N things.
        sizes: (N,) share of the photograph that each thing covers.
    """

    ious: NDArray[np.float64]
    sizes: NDArray[np.float64]

    def best(self, first: int | None = None) -> NDArray[np.float64]:
        """IoU (N,) of the best mask of each thing, among the first ones."""
        some = self.ious[:first]
        return some.max(axis=0) if len(some) else np.zeros(len(self.sizes))


def average_recall(best: NDArray[np.float64]) -> float:
    """Return the mean share of things recalled at IoU .50, .55, ... .95; NaN of no things."""
    if best.size == 0:
        return float("nan")
    # A hair below: 0.55 as a sum of steps is a little more than 0.55.
    return float((best[:, None] >= THRESHOLDS - 1e-9).mean())


def summed(photos: Sequence[Recalled]) -> dict[str, float]:
    """Return recall over the things of all photographs, and masks of a photograph."""
    best = np.concatenate([photo.best() for photo in photos])
    first = np.concatenate([photo.best(FIRST) for photo in photos])
    sizes = np.concatenate([photo.sizes for photo in photos])
    return {
        "AR": average_recall(best),
        f"AR@{FIRST}": average_recall(first),
        "R at .5": float((best >= 0.5).mean()),
        "R at .75": float((best >= 0.75).mean()),
        "small": average_recall(best[sizes < SMALL]),
        "middle": average_recall(best[(sizes >= SMALL) & (sizes < LARGE)]),
        "large": average_recall(best[sizes >= LARGE]),
        "masks": float(np.mean([len(photo.ious) for photo in photos])),
    }
