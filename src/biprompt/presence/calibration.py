"""From scores to calibrated probabilities: logistic regression with Platt's targets.

Platt 1999, Probabilistic outputs for support vector machines: instead of 1 and 0 the targets are
(n+ + 1) / (n+ + 2) and 1 / (n- + 2), so that scores which part the two sorts cleanly do not give a
step. Newton's method, as Lin, Lin and Weng 2007.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError

_ROUNDS = 100
_SMALL = 1e-10
_RIDGE = 1e-6


@dataclass(frozen=True)
class Logistic:
    """A calibrated score.

    Attributes:
        names: of the inputs.
        weights: one for each.
        offset: added to the weighted sum.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    offset: float

    def logit(self, values: Sequence[float]) -> float:
        """Return the weighted sum, whose sigmoid is the probability."""
        if len(values) != len(self.weights):
            raise InputError("values", expected=len(self.weights), actual=len(values))
        return self.offset + sum(w * v for w, v in zip(self.weights, values, strict=True))


def fit_logistic(
    values: npt.ArrayLike, truth: npt.ArrayLike, names: Sequence[str] = ("score",)
) -> Logistic:
    """Fit P(truth) = sigmoid(weights . values + offset) with Platt's targets.

    Args:
        values: (N,) or (N, K) finite numbers.
        truth: (N,) bool, both kinds among them.
        names: the K inputs.

    Raises:
        InputError: shapes do not fit, a value is not finite, or one kind is missing.
    """
    x = np.asarray(values, np.float64)
    x = x[:, None] if x.ndim == 1 else x
    y = np.asarray(truth, bool)
    if x.shape != (len(y), len(names)) or not np.isfinite(x).all():
        actual = f"shape {x.shape}" if np.isfinite(x).all() else "a value that is not finite"
        raise InputError("scores", expected=f"shape {(len(y), len(names))}, finite", actual=actual)
    if y.all() or not y.any():
        raise InputError("truth", expected="both kinds", actual=f"{int(y.sum())} of {len(y)} true")
    centre, scale = x.mean(axis=0), x.std(axis=0)
    # What never changes tells nothing: its weight is 0.
    scale = np.where(scale > _SMALL, scale, np.inf)
    targets = np.where(y, (y.sum() + 1) / (y.sum() + 2), 1 / ((~y).sum() + 2))
    found = _newton(np.hstack([(x - centre) / scale, np.ones((len(x), 1))]), targets)
    weights = tuple(float(w) for w in found[:-1] / scale)
    return Logistic(tuple(names), weights, float(found[-1] - np.dot(weights, centre)))


def _loss(x: npt.NDArray[np.float64], t: npt.NDArray[np.float64], b: Any) -> float:
    z = x @ b
    return float((np.logaddexp(0, z) - t * z).sum() + _RIDGE * (b @ b))


def _newton(x: npt.NDArray[np.float64], t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    b = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        p = 0.5 * (1 + np.tanh(x @ b / 2))
        slope = x.T @ (p - t) + 2 * _RIDGE * b
        bend = (x * (p * (1 - p))[:, None]).T @ x + (2 * _RIDGE + 1e-12) * np.eye(len(b))
        step, size = np.linalg.solve(bend, slope), 1.0
        while size > _SMALL and _loss(x, t, b - size * step) > _loss(x, t, b):
            size /= 2
        b = b - size * step
        if np.abs(size * step).max() < 1e-9:
            break
    return b


def presence_samples(records: Iterable[Any]) -> tuple[list[tuple[float, float]], list[bool]]:
    """Collect what `biprompt evaluate absence` recorded: presence and predicted area, and truth.

    Args:
        records: `evaluation.absence.AbsenceRun`, or anything with its `there`, `presence`,
            `pixels` (truth, prediction, both) and `refused`.

    Returns:
        (presence, predicted pixels) and whether the thing is there, for every answer that has a
        presence score.
    """
    values, truth = list[tuple[float, float]](), list[bool]()
    for record in records:
        for there, presence, pixels in zip(
            record.there, record.presence, record.pixels, strict=True
        ):
            if presence is not None:
                values.append((float(presence), float(pixels[1])))
                truth.append(bool(there))
    return values, truth
