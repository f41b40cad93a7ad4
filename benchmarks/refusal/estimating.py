"""Presence estimated from how a mask looks, for experts that give no score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from biprompt.presence.calibration import Logistic, fit_logistic
from biprompt.presence.gates import SIGNS


@dataclass(frozen=True)
class Looked:
    """How the mask for a name looks; the presence score that is taken away, beside it."""

    photograph: int
    there: bool
    presence: float
    values: tuple[float, ...]


def fit(looked: Sequence[Looked]) -> Logistic:
    """Fit presence to how masks look, for questions whose thing is there every other time.

    Here few are: of 80 names some four. The offset is moved by the logarithm of the odds.
    """
    there = [each.there for each in looked]
    fitted = fit_logistic([each.values for each in looked], there, SIGNS)
    odds = float(np.mean(there)) / (1 - float(np.mean(there)))
    return replace(fitted, offset=fitted.offset - float(np.log(odds)))


def toml(estimate: Logistic, data: str) -> str:
    """Return the estimate as the file in the package."""
    weights = [f"{n} = {w:.4f}" for n, w in zip(SIGNS, estimate.weights, strict=True)]
    return "\n".join(
        [
            f"# Fitted on {data}: `python -m benchmarks.refusal --keep`, docs/results/refusal.md.",
            f"offset = {estimate.offset:.4f}",
            "",
            "[weights]",
            *weights,
            "",
        ]
    )
