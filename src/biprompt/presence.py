"""Is the named thing there: from a model's presence logit to a probability."""

from __future__ import annotations

import math

from biprompt.errors import InputError

__all__ = ["presence_probability"]


def presence_probability(logit: float, *, scale: float = 1.0, bias: float = 0.0) -> float:
    """Return sigmoid(scale * logit + bias) (Platt's calibration of a score).

    Args:
        logit: the model's presence score, any finite number; positive means there.
        scale: a, fitted on data with known answers; 1 leaves the score as it is.
        bias: b, fitted with it.

    Returns:
        A probability from 0 to 1.

    Raises:
        InputError: the result is not a number.
    """
    value = scale * logit + bias
    if math.isnan(value):
        actual = f"{scale} * {logit} + {bias}"
        raise InputError("presence score", expected="finite numbers", actual=actual)
    # exp of the negative side only: it cannot overflow.
    small = math.exp(-abs(value))
    return (1.0 if value >= 0 else small) / (1.0 + small)
