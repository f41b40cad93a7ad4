"""Fit the weights: within a pool, which candidate is better; over pools, how good they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.selection.composing import LAW, Estimator, expanded

Case = dict[str, Any]
Float64 = NDArray[np.float64]
RIDGE = 0.003
FOLDS = 5
_SAME = 1e-9


def fit(cases: Sequence[Case], ridge: float = RIDGE) -> Estimator:
    """Fit by ridge regression; every pool counts the same, however many candidates it has.

    Numbers and targets are taken from the mean of their pool: only the differences within a pool
    decide, and how hard an object is does not disturb them.
    """
    return Estimator(
        _within(cases, lambda case: case["ious"], ridge),
        _within(cases, lambda case: (case["ious"] >= case["best"] - _SAME) * 1.0, ridge),
        _between(cases, ridge),
    )


def _within(cases: Sequence[Case], target: Callable[[Case], Float64], ridge: float) -> Float64:
    size = expanded(cases[0]["spoken"][:1], ()).shape[1]
    squares, products = np.zeros((size, size)), np.zeros(size)
    for case in cases:
        numbers, wanted = expanded(case["spoken"], case["kinds"]), target(case)
        numbers, wanted = numbers - numbers.mean(0), wanted - wanted.mean()
        squares += numbers.T @ numbers / len(wanted)
        products += numbers.T @ wanted / len(wanted)
    return _solved(squares, products, ridge)


def _between(cases: Sequence[Case], ridge: float) -> Float64:
    rows = np.stack([expanded(case["spoken"], case["kinds"]).mean(0) for case in cases])
    rows = np.c_[rows, np.ones(len(rows))]
    means = np.array([case["ious"].mean() for case in cases])
    return _solved(rows.T @ rows, rows.T @ means, ridge)


def _solved(squares: Float64, products: Float64, ridge: float) -> Float64:
    damping = np.diag(squares) * ridge + 1e-3
    return np.asarray(np.linalg.solve(squares + np.diag(damping), products))


def fold_of(case: Case) -> int:
    """Which part of the cross-validation a case belongs to, by its photograph."""
    return int(hashlib.sha256(case["image"].encode()).hexdigest(), 16) % FOLDS


def validated(
    cases: Sequence[Case], ridge: float = RIDGE, law: float = LAW
) -> list[tuple[Case, int, float]]:
    """Cases with the candidate that is picked and its expected IoU, by weights fitted to others."""
    picked = []
    for fold in range(FOLDS):
        rule = fit([case for case in cases if fold_of(case) != fold], ridge)
        for case in cases:
            if fold_of(case) == fold:
                numbers = expanded(case["spoken"], case["kinds"])
                winner = int(np.argmax(numbers @ (rule.gain + law * rule.law)))
                said = float(rule.ious(case["spoken"], case["kinds"])[winner])
                picked.append((case, winner, said))
    return picked


def summed_up(picked: Sequence[tuple[Case, int, float]]) -> dict[str, float]:
    """What the picks are worth, beside the gate's own answers and the best candidates."""
    got = np.array([case["ious"][winner] for case, winner, _ in picked])
    own = np.array([case["own"] for case, _, _ in picked])
    best = np.array([case["best"] for case, _, _ in picked])
    oracle = np.array([case["ious"].max() for case, _, _ in picked])
    said = np.array([value for _, _, value in picked])
    return {
        "cases": len(picked),
        "iou": got.mean(),
        "iou_gate": own.mean(),
        "iou_best_single": best.mean(),
        "iou_oracle": oracle.mean(),
        "gain": (got - best).mean(),
        "gain_gate": (own - best).mean(),
        "holds": (got >= best - _SAME).mean(),
        "holds_gate": (own >= best - _SAME).mean(),
        "holds_within_0.01": (got >= best - 0.01).mean(),
        "expected_iou": said.mean(),
        "expected_iou_error": np.abs(said - got).mean(),
    }
