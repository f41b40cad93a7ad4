"""Absence at every threshold: what is refused, and what is lost by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.metrics.accumulate import scored

Floats = npt.NDArray[np.float64]


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

    def keeping(self, t_acc: float) -> float:
        """Return the highest threshold that keeps this share of the present names.

        Raises:
            InputError: the share is not from 0 to 1.
        """
        if not 0 <= t_acc <= 1:
            raise InputError("share to keep", expected="from 0 to 1", actual=t_acc)
        return float(self.thresholds[np.flatnonzero(self.t_acc >= t_acc)[-1]])


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
    scores, there = scored(presence, present)
    if there.all() or not there.any():
        raise InputError("presence", expected="scores of both kinds", actual="one kind")
    thresholds = np.append(np.unique(scores), np.inf)
    absent, lost = (_below(scores[kind], thresholds) for kind in (~there, there))
    kept = there.sum() - lost
    return OperatingCurve(thresholds, absent / (~there).sum(), kept / there.sum())


def _below(scores: Floats, thresholds: Floats) -> npt.NDArray[np.intp]:
    return np.searchsorted(np.sort(scores), thresholds, side="left")
