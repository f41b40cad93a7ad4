"""Absence at every threshold: what is refused, and what is lost by it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.metrics.accumulate import scored

Floats = npt.NDArray[np.float64]

_MOST_DECIMALS = 17  # enough for any float64 from 0 to 1 to be itself


@dataclass(frozen=True, slots=True, eq=False)
class OperatingCurve:
    """Both accuracies at every threshold that tells one score from another.

    A name is called absent where its presence is below the threshold.

    Attributes:
        thresholds: (T,) float64, rising: every score, then infinity, which refuses everything.
        n_acc: (T,) float64, share of the absent names called absent, rising from 0 to 1.
        t_acc: (T,) float64, share of the present names not called absent, falling from 1 to 0.
    """

    thresholds: Floats
    n_acc: Floats
    t_acc: Floats

    @property
    def area(self) -> float:
        """Area under T-acc over N-acc: the AUROC."""
        return float(np.trapezoid(self.t_acc, self.n_acc))

    @property
    def balanced(self) -> float:
        """The threshold of the highest mean of both accuracies, the lowest among equals."""
        return float(self.thresholds[np.argmax(self.n_acc + self.t_acc)])

    def keeping(self, t_acc: float) -> float:
        """Return the highest threshold that keeps this share of the present names.

        Raises:
            InputError: the share is not from 0 to 1.
        """
        if not 0 <= t_acc <= 1:
            raise InputError("share to keep", expected="from 0 to 1", actual=t_acc)
        return float(self.thresholds[np.flatnonzero(self.t_acc >= t_acc)[-1]])

    def at(self, threshold: float) -> tuple[float, float]:
        """Return (N-acc, T-acc) at any threshold; NaN at NaN."""
        if np.isnan(threshold):
            return np.nan, np.nan
        place = self._place(threshold)
        return float(self.n_acc[place]), float(self.t_acc[place])

    def rounded(self, threshold: float) -> float:
        """Return the number of fewest decimals that refuses the same scores as a threshold.

        It lies as near as it can to the middle of all thresholds that do.
        """
        place = self._place(threshold)
        high = float(self.thresholds[place])
        if place == 0 or np.isinf(high):
            return 0.0 if place == 0 and high >= 0 else high
        low = float(self.thresholds[place - 1])
        middle = (low + high) / 2
        found = (round(middle, decimals) for decimals in range(1, _MOST_DECIMALS))
        return next((number for number in found if low < number <= high), high)

    def _place(self, threshold: float) -> int:
        """Index of the first threshold that is not below another one: both refuse the same."""
        return int(np.searchsorted(self.thresholds, threshold, side="left"))


@dataclass(frozen=True, slots=True, eq=False)
class PresenceScores:
    """Scores of things asked for, sorted once, so that many curves cost little.

    Attributes:
        thresholds: (T,) float64, as those of the curve.
        places: (N,) index of each score among the thresholds.
        present: (N,) bool, whether the thing is there.
    """

    thresholds: Floats
    places: npt.NDArray[np.intp]
    present: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, presence: npt.ArrayLike, present: npt.ArrayLike) -> PresenceScores:
        """Sort them.

        Args:
            presence: (N,) finite scores, higher where the thing is there.
            present: (N,) bool.

        Raises:
            InputError: the lengths differ or a score is not finite.
        """
        scores, there = scored(presence, present)
        distinct, places = np.unique(scores, return_inverse=True)
        return cls(np.append(distinct, np.inf), places, there)

    def curve(self, weights: npt.ArrayLike | None = None) -> OperatingCurve:
        """Return both accuracies at every threshold.

        Args:
            weights: (N,) how often each counts, for resampling; once when left out.

        Raises:
            InputError: none of the present, or none of the absent, counts.
        """
        counted = np.ones(len(self.places)) if weights is None else np.asarray(weights, float)
        below = [self._below(counted * kind) for kind in (~self.present, self.present)]
        absent, present = (float(kind[-1]) for kind in below)
        if not absent or not present:
            raise InputError("presence", expected="scores of both kinds", actual="one kind")
        return OperatingCurve(self.thresholds, below[0] / absent, (present - below[1]) / present)

    def _below(self, counted: Floats) -> Floats:
        """(T,) how much lies below each threshold."""
        found = np.bincount(self.places, counted, minlength=len(self.thresholds) - 1)
        return np.concatenate([[0.0], np.cumsum(found)])


def operating_curve(presence: npt.ArrayLike, present: npt.ArrayLike) -> OperatingCurve:
    """Return both accuracies at every threshold.

    The curve hangs on the set of pairs and not on their order, so parts of several processes are
    merged by putting their pairs together.

    Args:
        presence: (N,) finite scores, higher where the thing is there.
        present: (N,) bool.

    Raises:
        InputError: the lengths differ, a score is not finite, or one of both kinds is missing.
    """
    return PresenceScores.of(presence, present).curve()


def matthews_correlation(kept: int, found: int, missed: int, refused: int) -> float:
    """Return the Matthews correlation of verdict and truth (IL_MCC of SAM 3's SA-Co benchmark).

    Args:
        kept: present names not called absent.
        found: absent names not called absent.
        missed: present names called absent.
        refused: absent names called absent.

    Returns:
        -1 to 1; 0 where every verdict, or every truth, is the same.
    """
    sides = (kept + found) * (kept + missed) * (refused + found) * (refused + missed)
    return (kept * refused - found * missed) / math.sqrt(sides) if sides else 0.0
