"""Prompt denoising: classes that are not there take no part.

Survey, section on hard prompts (Zhou, Loy and Dai, "Extract free dense labels from CLIP"): only a
few of many classes are in one image, the others distract; those whose confidence is below a
threshold are removed, at the level of the image, of regions or of pixels. Here the level of the
image is the model's presence score, and that of pixels the surest pixel of the class's map.
"""

from __future__ import annotations

from biprompt.errors import InputError
from biprompt.runtime.base import Float


def check_threshold(what: str, value: float) -> None:
    """Raise InputError unless a threshold is from 0 to 1."""
    if not 0 <= value <= 1:
        raise InputError(what, expected="a number from 0 to 1", actual=value)


def is_there(presence: float | None, surest: float, threshold: float, least: float) -> bool:
    """Say whether a class takes part.

    Args:
        presence: 0 to 1, the model's score; None where it gives none.
        surest: 0 to 1, the greatest value of its map.
        threshold: presence from which on it takes part; 0 keeps all.
        least: what its surest pixel must reach; 0 keeps all.
    """
    return (presence is None or presence >= threshold) and surest >= least


def surest_pixel(values: Float) -> float:
    """Return the greatest value of a map, (h, w) in 0 to 1."""
    return float(values.max())
