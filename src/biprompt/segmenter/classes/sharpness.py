"""Which template suits: the sharpness of the class scores that it gives.

Survey, eq. 25 (after CLIP-ES), inspired by the coefficient of variation:

    sharpness(P) = sum_i var(s_i1, ..., s_ik) / sum_i mean(s_i1, ..., s_ik)

with s_ij the score of class j after the softmax in image i. Templates of low sharpness were seen to
segment better: they let several classes of an image live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError


def sharpness(scores: npt.ArrayLike) -> float:
    """Return the sharpness of a template (survey, eq. 25).

    Args:
        scores: (n, k) of n images and k classes, at least one of each, before the softmax.

    Raises:
        InputError: another shape, or a score that is not finite.
    """
    logits = np.asarray(scores, np.float64)
    if logits.ndim != 2 or 0 in logits.shape or not np.isfinite(logits).all():
        actual = f"shape {logits.shape}"
        raise InputError("scores", expected="finite, of shape (images, classes)", actual=actual)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return float(shares.var(axis=1).sum() / shares.mean(axis=1).sum())


def least_sharp(scores: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Return the template of the lowest sharpness; of equal ones, the first.

    Args:
        scores: template -> (n, k) scores, the same images and classes for each.

    Raises:
        InputError: no template, or scores that cannot be.
    """
    if not scores:
        raise InputError("templates", expected="at least one", actual="none")
    return min(scores, key=lambda template: sharpness(scores[template]))
