"""The joint score of eq. 8 over a grid of weights, from the candidates of one answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biprompt.errors import InputError
from biprompt.evaluation.biprompt.choosing import Offered
from biprompt.results import Verdict
from biprompt.selection import Policy, joint_score

Weights = tuple[float, float, float]
IOU_ONLY: Weights = (0.0, 0.0, 1.0)
"""What the paper found best (section 4.3.2)."""

FINEST = 20


def simplex(step: float) -> tuple[Weights, ...]:
    """Return every w1, w2, w3 >= 0 in multiples of a step that add up to 1, the paper's first.

    Args:
        step: 1 divided by a whole number.

    Raises:
        InputError: it is no such number, or finer than one in FINEST.
    """
    parts = round(1 / step) if step > 0 else 0
    if not (1 <= parts <= FINEST and np.isclose(parts * step, 1)):
        expected = f"1 divided by a whole number up to {FINEST}, as 0.25"
        raise InputError("step of the weights", expected=expected, actual=step)
    return tuple(
        (first / parts, second / parts, (parts - first - second) / parts)
        for first in range(parts + 1)
        for second in range(parts + 1 - first)
    )


def weights_name(weights: Weights) -> str:
    """Return weights as reports write them."""
    return ", ".join(f"{weight:.3g}" for weight in weights)


def joint_winners(offered: Offered, policy: Policy, grid: Sequence[Weights]) -> list[int | None]:
    """Return whom the joint score takes, for each weights of a grid; None for nobody.

    Masks are compared once: weights decide only between candidates where words and pointing agree,
    and change no verdict.

    Args:
        offered: the candidates and what the words say.
        policy: the gate's rules; its weights are left alone.
        grid: the weights.

    Returns:
        For each weights, what `biprompt.selection.select` takes under them.
    """
    choice = offered.choose(policy, IOU_ONLY)
    if choice.verdict is not Verdict.FOUND or choice.similarities is None:
        return [choice.winner] * len(grid)
    scores = np.array([candidate.score for candidate in offered.candidates])
    rows = np.array([i for i, each in enumerate(offered.candidates) if each.mask.any()])
    found: list[int | None] = []
    for weights in grid:
        values = joint_score(offered.presence, scores, choice.similarities, weights)
        order = np.lexsort((rows, -scores[rows], -values[rows]))
        found.append(int(rows[order[0]]))
    return found
