"""Naming the colour of some pixels, or saying nothing when it is not clear."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink",
           "brown")  # fmt: skip
_INDEX = {name: i for i, name in enumerate(COLOURS)}
# Colours one person calls by one name and the next by the other.
_CLOSE = {frozenset(pair.split()) for pair in (
    "black grey", "white grey", "red orange", "red pink", "red brown", "orange yellow",
    "orange brown", "yellow brown", "yellow green", "blue purple", "pink purple", "pink orange",
    "green blue", "black brown", "black blue", "grey blue", "white yellow", "brown grey",
    "white pink", "grey green", "red purple", "black green", "white blue", "pink white",
    "black purple", "grey purple")}  # fmt: skip
_WHEEL = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "red")
_MAX_PIXELS = 1024
_DOMINANT = 0.55
_LEAD = 2.0
_MIN_PIXELS = 30


def close_colours(a: str, b: str) -> bool:
    """Return whether two colour names are the same or easily taken for each other."""
    return a == b or frozenset((a, b)) in _CLOSE


def _codes(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    rgb = pixels.astype(np.float32)
    high, low = rgb.max(axis=1), rgb.min(axis=1)
    span = np.maximum(high - low, 1e-3)
    r, g, b = rgb.T
    hue = np.where(
        high == r, (g - b) / span % 6, np.where(high == g, (b - r) / span + 2, (r - g) / span + 4)
    )
    hue = hue * 60
    edges = np.array([12.0, 42.0, 68.0, 165.0, 255.0, 290.0, 345.0])
    wheel = np.array([_INDEX[c] for c in _WHEEL])
    code = wheel[np.searchsorted(edges, hue, side="right")]
    saturation = span / np.maximum(high, 1)
    warm = (hue < 42) | (hue >= 345)
    code = np.where((hue >= 8) & (hue < 48) & (high < 165), _INDEX["brown"], code)
    code = np.where(warm & (saturation < 0.5) & (high >= 190), _INDEX["pink"], code)
    pale = saturation < np.where(high > 100, 0.18, 0.28)
    grey = np.where(high >= 190, _INDEX["white"], _INDEX["grey"])
    code = np.where(pale, grey, code)
    return np.where(high < 55, _INDEX["black"], code).astype(np.int64)


def colour_name(pixels: npt.NDArray[np.uint8]) -> str | None:
    """Return the one colour name that fits most of `pixels`, None when none clearly does.

    `pixels` is (N, 3) uint8 RGB. At most 1024 of them, evenly taken, are looked at. A name is
    given when it holds for 55 % of the pixels and twice as many as any other name.
    """
    if len(pixels) < _MIN_PIXELS:
        return None
    step = -(-len(pixels) // _MAX_PIXELS)
    counts = np.bincount(_codes(pixels[::step]), minlength=len(COLOURS))
    first, second = np.argsort(counts)[::-1][:2]
    clear = counts[first] >= _DOMINANT * counts.sum() and counts[first] >= _LEAD * counts[second]
    return COLOURS[first] if clear else None
