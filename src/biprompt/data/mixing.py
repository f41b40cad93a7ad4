"""New scenes of old ones: copy-paste, mosaics, and other light.

A name is a fact about a picture only where every photograph in it was searched for it, so mixed
scenes keep the names that are known in both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.scenes import Scene

LEAST_SHOWN = 0.25
"""A pasted object of which less than this share stays in the picture is not pasted at all."""


def jitter_colour(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Brightness, contrast, gamma, white balance and saturation, each a little."""
    gain = rng.uniform(0.75, 1.25) * rng.uniform(0.92, 1.08, 3)
    gamma = float(np.exp(rng.uniform(-0.25, 0.25)))
    ramp = (np.arange(256) / 255.0) ** gamma * 255.0
    table = np.clip((ramp[:, None] - 110.0) * gain + 110.0 + rng.uniform(-18, 18), 0, 255)
    out = np.stack([table.astype(np.uint8)[:, c][image[..., c]] for c in range(3)], -1)
    if rng.random() < 0.5:
        grey = out.mean(-1, keepdims=True)
        amount = rng.uniform(0.0, 0.5) if rng.random() < 0.85 else 1.0
        out = (out + amount * (grey - out)).astype(np.uint8)
    return out


def paste(base: Scene, donor: Scene, row: int, rng: np.random.Generator) -> Scene:
    """Lays one of the donor's objects over the base (copy-paste).

    Both scenes have the same size; the object is moved, and what it hides is taken from the masks
    below. Labels of the donor that may come along with the object (a tie on a person) are hidden.
    """
    size = base.image.shape[0]
    shift = rng.integers(-size // 3, size // 3 + 1, 2)
    mask = shifted(donor.masks[row], shift)
    if not mask.any() or mask.sum() < LEAST_SHOWN * donor.masks[row].sum():
        return base
    return replace(
        base,
        image=np.where(mask[..., None], shifted(donor.image, shift), base.image),
        masks=np.concatenate((base.masks & ~mask, mask[None])),
        labels=(*base.labels, donor.labels[row]),
        things=(*base.things, donor.things[row]),
        many=(*base.many, donor.many[row]),
        known=base.known & donor.known,
        hidden=base.hidden | _carried(donor, row),
        mixed=True,
    )


def _carried(donor: Scene, row: int) -> frozenset[str]:
    """Other labels whose masks overlap the object, or of which some masks are not given."""
    touching = np.flatnonzero((donor.masks & donor.masks[row]).any((1, 2)))
    seen = {label for i in touching if (label := donor.labels[i])}
    return donor.hidden.union(seen) - {donor.labels[row]}


def shifted(array: NDArray[Any], shift: NDArray[np.int64]) -> NDArray[Any]:
    """An image or mask ``(H, W, ...)`` moved by ``shift`` (down, right), filled up with zeros."""
    out = np.zeros_like(array)
    h, w = array.shape[:2]
    dy, dx = int(shift[0]), int(shift[1])
    out[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = array[
        max(-dy, 0) : h + min(-dy, 0), max(-dx, 0) : w + min(-dx, 0)
    ]
    return out


def side_by_side(left: Scene, right: Scene) -> Scene:
    """The middle halves of two scenes in one picture, so that a name has to choose."""
    size = left.image.shape[1]
    middle = slice(size // 4, size // 4 + size // 2)
    one, two = left.masks[:, :, middle], right.masks[:, :, middle]
    first = np.concatenate((one, np.zeros_like(one)), 2)
    second = np.concatenate((np.zeros_like(two), two), 2)
    return Scene(
        np.concatenate((left.image[:, middle], right.image[:, middle]), 1),
        np.concatenate((first, second)),
        left.labels + right.labels,
        left.things + right.things,
        left.many + right.many,
        left.known & right.known,
        left.hidden | right.hidden,
        mixed=True,
    )
