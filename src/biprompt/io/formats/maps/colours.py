"""Colours of classes: the same number has the same colour in every picture."""

from __future__ import annotations

import colorsys
from functools import lru_cache

from biprompt.io.formats.objects import COLOURS, Rgb

_TONES = ((0.62, 0.86), (0.85, 0.62), (0.45, 0.95), (0.70, 0.45))
"""Saturation and brightness, in turn."""


@lru_cache(maxsize=8)
def class_colours(count: int) -> tuple[Rgb, ...]:
    """Return a colour for each of classes 1 to `count`, no two the same, none black.

    The first ones are the colours of objects; then hues that halve the gaps between those before
    (van der Corput's sequence), in changing tones.
    """
    found = dict.fromkeys(COLOURS[:count])
    step = 0
    while len(found) < count:
        step += 1
        tone, brightness = _TONES[step % len(_TONES)]
        parts = colorsys.hsv_to_rgb(_reversed_bits(step), tone, brightness)
        found.setdefault((round(255 * parts[0]), round(255 * parts[1]), round(255 * parts[2])))
    return tuple(found)


def _reversed_bits(number: int) -> float:
    """The binary digits of a number behind the point, in reverse: 1, 2, 3 are 1/2, 1/4, 3/4."""
    value, part = 0.0, 0.5
    while number:
        value += part * (number & 1)
        number, part = number >> 1, part / 2
    return value
