"""Is the named thing there: from a model's presence logit to a probability."""

from __future__ import annotations

import math

from biprompt.errors import InputError

__all__ = ["presence_probability"]


def presence_probability(logit: float) -> float:
    """Return the sigmoid of a model's presence score, calibrated where the model was exported.

    Args:
        logit: the score, positive means there; infinite is allowed.

    Returns:
        A probability from 0 to 1.

    Raises:
        InputError: the score is not a number.
    """
    if math.isnan(logit):
        raise InputError("presence score", expected="a number", actual=logit)
    # exp of the negative side only: it cannot overflow.
    small = math.exp(-abs(logit))
    return (1.0 if logit >= 0 else small) / (1.0 + small)
