"""Fit the expected IoU of proposals, and the presence of the thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.examples.measuring import Asked

Floats = NDArray[np.float64]
RIDGE = 3e-3


@dataclass(frozen=True, slots=True)
class Gate:
    """Presence from one number: log-odds of ``slope * (value - threshold)``.

    Attributes:
        slope: above 0.
        threshold: where as large a part of what is there is refused as is found of what is not.
        errors: that part, 0 to 1.
    """

    slope: float
    threshold: float
    errors: float


def fit_iou(asked: Sequence[Asked]) -> tuple[Floats, float]:
    """Weights ``(6,)`` and bias of the expected IoU; every folder and question has the same say.

    What tells the proposals of one question apart gives the weights: measurements and IoU less
    their mean over the question.
    """
    there = [one for one in asked if one.is_there]
    counts = {one.folder: sum(o.folder == one.folder for o in there) for one in there}
    apart = np.concatenate([one.values - one.values.mean(0) for one in there])
    truth = np.concatenate([one.ious - one.ious.mean() for one in there])
    say = np.array([1 / counts[one.folder] for one in there]) / len(counts)
    each = np.concatenate(
        [np.full(len(one.ious), part / len(one.ious)) for one, part in zip(there, say, strict=True)]
    )
    spread = np.sqrt(each @ apart**2) + 1e-9
    scaled = apart / spread
    square = (scaled * each[:, None]).T @ scaled + RIDGE * np.eye(scaled.shape[1])
    weights = np.linalg.solve(square, (scaled * each[:, None]).T @ truth) / spread
    means = [one.ious.mean() - one.values.mean(0) @ weights for one in there]
    return weights, float(say @ np.array(means))


def chosen(one: Asked, line: tuple[Floats, float]) -> int:
    """Which proposal a line takes."""
    return int((one.values @ line[0]).argmax())


def fit_gate(asked: Sequence[Asked], line: tuple[Floats, float], column: int) -> Gate:
    """Fit the presence on what is there, what is not there, and images of other folders."""
    value = np.array([one.alike[chosen(one, line), column] for one in asked])
    there = np.array([one.is_there for one in asked])
    strange = np.array([one.is_strange for one in asked])
    say = np.zeros(len(asked))
    for group, part in ((there, 0.5), (~there & ~strange, 0.25), (strange, 0.25)):
        say[group] = part / max(1, group.sum())
    threshold, errors = _even(value, there, say)
    slope = _slope(value - threshold, there, say)
    return Gate(slope, threshold, errors)


def errors_of(
    gate: Gate, asked: Sequence[Asked], line: tuple[Floats, float], column: int
) -> Floats:
    """Refused of what is there; found of what is not, in the same folder and others; ``(3,)``."""
    found = np.array([one.alike[chosen(one, line), column] >= gate.threshold for one in asked])
    there = np.array([one.is_there for one in asked])
    strange = np.array([one.is_strange for one in asked])
    groups = ((~found, there), (found, ~there & ~strange), (found, strange))
    return np.array([wrong[of].mean() if of.any() else np.nan for wrong, of in groups])


def _even(value: Floats, there: NDArray[np.bool_], say: Floats) -> tuple[float, float]:
    """The threshold at which both kinds of error are as frequent, and how frequent they are."""
    best = (np.inf, 0.0, 0.0)
    for level in np.sort(value):
        refused = float(say[there & (value < level)].sum() / say[there].sum())
        wrong = float(say[~there & (value >= level)].sum() / say[~there].sum())
        best = min(best, (abs(refused - wrong), float(level), (refused + wrong) / 2))
    return best[1], best[2]


def _slope(value: Floats, there: NDArray[np.bool_], say: Floats) -> float:
    """The slope of a logistic line through 0 of greatest likelihood, by halving."""
    low, high = 0.1, 100.0
    for _ in range(60):
        slope = (low + high) / 2
        chance = 1 / (1 + np.exp(-np.clip(slope * value, -50, 50)))
        if float(say @ ((there - chance) * value)) > 0:
            low = slope
        else:
            high = slope
    return slope
