"""Colours of classes: the same number has the same colour in every picture."""

from __future__ import annotations

import colorsys
from functools import lru_cache

from biprompt.io.formats.objects import COLOURS, Rgb

_SATURATION, _BRIGHTNESS = (0.45, 0.9), (0.5, 0.95)


@lru_cache(maxsize=8)
def class_colours(count: int) -> tuple[Rgb, ...]:
    """Return a colour for each of classes 1 to `count`, no two the same, none black.

    The first ones are the colours of objects; then hue, saturation and brightness of Halton's
    sequence, each of which falls into the gaps between those before.
    """
    found = dict.fromkeys(COLOURS[:count])
    step = 0
    while len(found) < count:
        step += 1
        tone = _between(_SATURATION, _mirrored(step, 3)), _between(_BRIGHTNESS, _mirrored(step, 5))
        red, green, blue = colorsys.hsv_to_rgb(_mirrored(step, 2), *tone)
        found.setdefault((round(255 * red), round(255 * green), round(255 * blue)))
    return tuple(found)


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share


def _mirrored(number: int, base: int) -> float:
    """The digits of a number behind the point, in reverse: 1, 2, 3 in base 2 are 1/2, 1/4, 3/4."""
    value, part = 0.0, 1.0 / base
    while number:
        number, digit = divmod(number, base)
        value, part = value + part * digit, part / base
    return value
