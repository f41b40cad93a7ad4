"""PointM: whether the most confident pixel lies on the thing (survey, eq. 21)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.metrics.functional import BoolArray
from biprompt.metrics.merging import Mergeable


@dataclass(frozen=True, slots=True)
class HitSums(Mergeable):
    """Sums over sentences.

    Attributes:
        hits: sentences whose most confident pixel lies on the thing.
        misses: the others.
    """

    hits: int = 0
    misses: int = 0

    @property
    def point_m(self) -> float:
        """PointM, hits over all; NaN of none."""
        total = self.hits + self.misses
        return self.hits / total if total else math.nan


def hit_sums(hits: Iterable[bool]) -> HitSums:
    """Count hits and misses."""
    kept = list(hits)
    return HitSums(sum(kept), len(kept) - sum(kept))


def is_hit(confidence: npt.NDArray[np.floating], truth: BoolArray) -> bool:
    """Say whether the most confident pixel is one of the truth; among equals the first counts.

    Args:
        confidence: (H, W) scores; the first in row-major order wins among equals.
        truth: (H, W) bool.

    Raises:
        InputError: the shapes differ.
    """
    if confidence.shape != truth.shape:
        raise InputError("confidence", expected=f"shape {truth.shape}", actual=confidence.shape)
    return bool(truth.flat[int(np.argmax(confidence))])
