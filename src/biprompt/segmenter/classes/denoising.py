"""Prompt denoising: classes that are not there take no part.

Survey, section on hard prompts (Zhou, Loy and Dai, "Extract free dense labels from CLIP"): only a
few of many classes are in one image, the others distract; those whose confidence is below a
threshold are removed, at the level of the image, of regions or of pixels. Here the level of the
image is the model's presence score; where it gives none, the surest pixel of the class's map.
"""

from __future__ import annotations

from biprompt.errors import InputError
from biprompt.runtime.base import Float

EXPECTED = 20
"""Of how many names a presence score of one half is enough; see `threshold_for`."""
LEAST = 0.5


def threshold_for(names: int) -> float:
    """Return the presence from which on a class takes part, for a list of so many names.

    A presence score weighs there against not there as if both were as likely. Of a long list only a
    few are there, so each has to be surer: odds of at least `names` to EXPECTED. Measured on
    validation photographs (docs/open-vocabulary.md).
    """
    return max(LEAST, names / (names + EXPECTED))


def check_threshold(what: str, value: float) -> None:
    """Raise InputError unless a threshold is from 0 to 1."""
    if not 0 <= value <= 1:
        raise InputError(what, expected="a number from 0 to 1", actual=value)


def is_there(presence: float | None, surest: float, threshold: float) -> bool:
    """Say whether a class takes part: by its presence, or where there is none by its surest pixel.

    Args:
        presence: 0 to 1, the model's score; None where it gives none.
        surest: 0 to 1, the greatest value of its map.
        threshold: from which on it takes part; 0 keeps all.
    """
    return (surest if presence is None else presence) >= threshold


def surest_pixel(values: Float) -> float:
    """Return the greatest value of a map, (h, w) in 0 to 1."""
    return float(values.max())
