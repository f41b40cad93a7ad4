"""Fit the expected gain of a refinement, and choose from which on it replaces the drawing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.selection.keeping import LEAST_GAIN, Keeper

RIDGE = 5.0
FOLDS = 5
WORSE = 0.01
"""Loss of IoU from which an answer counts as worse than the drawing."""


def fit(cases: Sequence[dict[str, Any]]) -> NDArray[np.float64]:
    """Ridge regression of the gain on the standardised numbers; returns plain weights."""
    numbers = np.concatenate([case["spoken"] for case in cases])
    gains = np.concatenate([case["after"] - case["before"] for case in cases])
    mean, spread = numbers[:, :-1].mean(0), numbers[:, :-1].std(0) + 1e-6
    scaled = np.c_[(numbers[:, :-1] - mean) / spread, np.ones(len(numbers))]
    weights = np.linalg.solve(scaled.T @ scaled + RIDGE * np.eye(scaled.shape[1]), scaled.T @ gains)
    plain = weights[:-1] / spread
    return np.asarray(np.r_[plain, weights[-1] - plain @ mean])


def gained(cases: Sequence[dict[str, Any]], least: float = LEAST_GAIN) -> NDArray[np.float64]:
    """Gain in IoU of every case, by weights that were fitted to other photographs."""
    folds = [int(hashlib.sha256(c["image"].encode()).hexdigest(), 16) % FOLDS for c in cases]
    found = np.zeros(len(cases))
    for fold in range(FOLDS):
        weights = fit([case for case, own in zip(cases, folds, strict=True) if own != fold])
        for i, case in enumerate(cases):
            if folds[i] == fold:
                expected = Keeper(weights).gains(case["spoken"])
                best = int(expected.argmax())
                taken = expected[best] >= least
                found[i] = case["after"][best] - case["before"] if taken else 0.0
    return found


def summed_up(gains: NDArray[np.float64]) -> dict[str, float]:
    """Mean gain, and how often an answer is better and worse than the drawing."""
    return {
        "cases": len(gains),
        "gain": float(gains.mean()),
        "better": float((gains > 0).mean()),
        "worse": float((gains < 0).mean()),
        "worse_than_0.01": float((gains < -WORSE).mean()),
    }
