"""Where the single point comes from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from biprompt.data.clicks import Click, edge_click, jittered_click, next_click, uniform_click
from biprompt.data.outlines import BoolMask
from biprompt.evaluation.seeding import generator


def _centre(region: BoolMask, rng: np.random.Generator) -> Click | None:
    return next_click(region, np.zeros_like(region))


def _jittered(region: BoolMask, rng: np.random.Generator) -> Click | None:
    return jittered_click(region, np.zeros_like(region), rng)


_SOURCES: dict[str, Callable[[BoolMask, np.random.Generator], Click | None]] = {
    "centre": _centre,
    "random": uniform_click,
    "jittered": _jittered,
    "edge": edge_click,
}

POINTS: dict[str, str] = {
    "centre": "the pixel farthest from the outside of the object",
    "random": "any pixel of the object",
    "jittered": "round the centre, as imprecise as people click",
    "edge": "a pixel of the object beside one that is not: as hard as can be, and beside the thing "
    "wherever an outline was drawn too wide",
}
"""Each source of the point, in words."""


def place_point(
    source: str, truth: BoolMask, ignore: BoolMask | None, *, seed: int, key: str
) -> Click | None:
    """Return a click on an object; it hangs on the seed and the key, never on the order.

    Args:
        source: one of POINTS.
        truth: (H, W) bool, the object.
        ignore: (H, W) bool, pixels that are never clicked.
        seed: fixes what is drawn.
        key: of the object.

    Returns:
        The click, None where no pixel can be clicked.
    """
    region = truth if ignore is None else truth & ~ignore
    if not region.any():
        return None
    return _SOURCES[source](region, generator(seed, f"{source} {key}"))
