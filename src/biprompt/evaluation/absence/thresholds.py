"""Which presence a user should ask for: the operating curve, and what its thresholds promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.evaluation.absence.record import AbsenceRun
from biprompt.metrics import (
    Interval,
    OperatingCurve,
    PresenceScores,
    bootstrap_statistics,
    mean,
)

KEPT = (0.99, 0.95, 0.9)
"""Shares of the present names that a user may want to keep; the rest is refused wrongly."""
BALANCED = "balanced"
RULES = (*(f"{share:g}" for share in KEPT), BALANCED)
CURVE_POINTS = 200
RESAMPLES = 1000
FOLDS = 5

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Every question that got a presence score.

    Attributes:
        presence: (N,) float64.
        there: (N,) bool.
        owner: (N,) index of the photograph.
        photographs: how many there are.
    """

    presence: Floats
    there: npt.NDArray[np.bool_]
    owner: npt.NDArray[np.intp]
    photographs: int

    @classmethod
    def of(cls, runs: Sequence[AbsenceRun]) -> Scored:
        """Put the questions of all photographs together."""
        found = [
            (presence, there, owner)
            for owner, run in enumerate(runs)
            for presence, there in zip(run.presence, run.there, strict=True)
            if presence is not None
        ]
        presence, there, owner = zip(*found, strict=True) if found else ((), (), ())
        return cls(
            np.array(presence, np.float64), np.array(there, bool), np.array(owner, np.intp),
            len(runs),
        )  # fmt: skip

    @property
    def both_kinds(self) -> bool:
        """Whether there is a curve at all."""
        return bool(self.there.any()) and not self.there.all()


def operating(runs: Sequence[AbsenceRun]) -> dict[str, Any]:
    """Return the curve and what is read off it as plain JSON values.

    Returns:
        `auroc` with its 95 % bootstrap interval over photographs; `curve`: (threshold, N-acc,
        T-acc) at no more than CURVE_POINTS places; `thresholds` by rule, those of KEPT and
        BALANCED: the `presence` to ask for, the interval of it when photographs are drawn and it
        is chosen again, both accuracies at it with their intervals over photographs, and both on
        photographs `elsewhere`, that took no part in the choice. Empty where no photograph, or
        every one, holds what was asked.
    """
    scored = Scored.of(runs)
    if not scored.both_kinds:
        return {"auroc": _nothing(), "curve": [], "thresholds": {}}
    scores = PresenceScores.of(scored.presence, scored.there)
    curve = scores.curve()
    chosen = {rule: curve.rounded(_choose(curve, rule)) for rule in RULES}

    def drawn(places: npt.NDArray[np.intp]) -> list[float]:
        counts = np.bincount(places, minlength=scored.photographs).astype(np.float64)
        return _read(scores, counts[scored.owner], list(chosen.values()))

    intervals = bootstrap_statistics(scored.photographs, drawn, resamples=RESAMPLES)
    area, *others = intervals
    triples = [others[start : start + 3] for start in range(0, len(others), 3)]
    return {
        "auroc": {"mean": curve.area, "interval": list(area)},
        "curve": [list(point) for point in _thinned(curve)],
        "thresholds": {
            rule: _promise(curve, chosen[rule], each) | {"elsewhere": _elsewhere(scored, rule)}
            for rule, each in zip(RULES, triples, strict=True)
        },
    }


def _choose(curve: OperatingCurve, rule: str) -> float:
    return curve.balanced if rule == BALANCED else curve.keeping(float(rule))


def _read(scores: PresenceScores, weights: Floats, chosen: Sequence[float]) -> list[float]:
    """Area; then for each rule its threshold chosen anew, and N-acc and T-acc at the given one."""
    counted = weights > 0
    if not (counted & scores.present).any() or not (counted & ~scores.present).any():
        return [np.nan] * (1 + 3 * len(chosen))
    curve = scores.curve(weights)
    found = [curve.area]
    for rule, threshold in zip(RULES, chosen, strict=True):
        found += [curve.rounded(_choose(curve, rule)), *curve.at(threshold)]
    return found


def _promise(
    curve: OperatingCurve, threshold: float, intervals: Sequence[Interval]
) -> dict[str, Any]:
    n_acc, t_acc = curve.at(threshold)
    return {
        "presence": threshold,
        "interval": list(intervals[0]),
        "n_acc": {"mean": n_acc, "interval": list(intervals[1])},
        "t_acc": {"mean": t_acc, "interval": list(intervals[2])},
    }


def _elsewhere(scored: Scored, rule: str) -> dict[str, float]:
    """Choose on four fifths of the photographs and count on the others, five times."""
    right: list[npt.NDArray[np.bool_]] = []
    there: list[npt.NDArray[np.bool_]] = []
    for fold in range(FOLDS):
        here = scored.owner % FOLDS == fold
        others = scored.there[~here]
        if here.any() and others.any() and not others.all():
            curve = PresenceScores.of(scored.presence[~here], others).curve()
            threshold = curve.rounded(_choose(curve, rule))
            kept = scored.presence[here] >= threshold
            right.append(kept == scored.there[here])
            there.append(scored.there[here])
    if not right:
        return {"n_acc": np.nan, "t_acc": np.nan}
    correct, present = np.concatenate(right), np.concatenate(there)
    return {"n_acc": mean(correct[~present].tolist()), "t_acc": mean(correct[present].tolist())}


def _thinned(curve: OperatingCurve) -> list[tuple[float, float, float]]:
    """The curve at places that lie evenly along it; its last point has no threshold to set."""
    length = curve.n_acc + 1 - curve.t_acc
    steps = np.linspace(0.0, length[-2], CURVE_POINTS)
    places = np.unique(np.searchsorted(length[:-1], steps))
    return [
        (float(curve.thresholds[i]), float(curve.n_acc[i]), float(curve.t_acc[i])) for i in places
    ]


def _nothing() -> dict[str, Any]:
    return {"mean": np.nan, "interval": [np.nan, np.nan]}
