"""Scenes: a photograph with its labelled masks, cropped, mixed and jittered for training.

Frame: pixels of the scene's own image. Every function takes its random generator, so that a
sample depends on its seed alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY = 124
"""Fill beyond the photograph's edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One photograph and what is known to be in it."""

    image: NDArray[np.uint8]
    """``(H, W, 3)`` RGB."""
    masks: NDArray[np.bool_]
    """``(N, H, W)``."""
    labels: tuple[str | None, ...]
    """Name of each mask; None where nobody named it."""
    things: tuple[bool, ...]
    """False for a class-level mask (sky, hair), which may have several parts."""
    many: tuple[bool, ...]
    """True for a class-level mask that usually holds several instances (cars in a street)."""
    known: frozenset[str]
    """Names of which it is known whether they are in the photograph."""
    hidden: frozenset[str]
    """Labels in the photograph of which some masks are left out; nothing may be said of them."""
    mixed: bool = False
    """Whether it is made of several photographs: then only known names may be used."""

    def keep(self, rows: NDArray[np.intp]) -> Scene:
        """The scene with only these masks."""
        return replace(
            self,
            masks=self.masks[rows],
            labels=tuple(self.labels[i] for i in rows),
            things=tuple(self.things[i] for i in rows),
            many=tuple(self.many[i] for i in rows),
        )

    def without_small(self, least: int) -> Scene:
        """The masks of at least ``least`` pixels; the labels of smaller ones become hidden."""
        area = self.masks.sum((1, 2))
        small = np.flatnonzero((area > 0) & (area < least))
        hidden = self.hidden.union(label for i in small if (label := self.labels[i]))
        return replace(self.keep(np.flatnonzero(area >= least)), hidden=hidden)

    def renamed(self, labels: tuple[str | None, ...]) -> Scene:
        """The same masks under other names."""
        return replace(self, labels=labels)


@dataclass(frozen=True, slots=True)
class Crop:
    """A window ``x0, y0, x1, y1`` of the source, which may reach beyond it, seen at ``size``."""

    window: tuple[float, float, float, float]
    size: int
    flip: bool

    def columns(self) -> NDArray[np.float64]:
        """Source x of each output column's centre."""
        return self._centres(self.window[0], self.window[2], self.flip)

    def rows(self) -> NDArray[np.float64]:
        """Source y of each output row's centre."""
        return self._centres(self.window[1], self.window[3], False)

    def _centres(self, low: float, high: float, flip: bool) -> NDArray[np.float64]:
        at = low + (np.arange(self.size) + 0.5) * (high - low) / self.size
        return at[::-1] if flip else at


def draw_crop(
    scene: Scene, focus: NDArray[np.bool_] | None, size: int, rng: np.random.Generator
) -> Crop:
    """A window that shows a good part of ``focus``, or the whole photograph.

    Args:
        scene: the source.
        focus: ``(H, W)`` mask to keep in view, or None.
        size: side of the output, pixels.
        rng: source of chance.
    """
    h, w = scene.image.shape[:2]
    shortest, longest = float(min(h, w)), float(max(h, w))
    stretch = float(np.exp(rng.uniform(-0.15, 0.15)))
    if focus is None or not focus.any() or rng.random() < 0.35:
        side = float(rng.uniform(0.9 * shortest, min(longest, 1.3 * shortest)))
        x, y = rng.uniform(0, w), rng.uniform(0, h)
    else:
        ys, xs = np.flatnonzero(focus.any(1)), np.flatnonzero(focus.any(0))
        extent = float(max(ys[-1] - ys[0], xs[-1] - xs[0]) + 1)
        high = min(longest, 1.15 * max(shortest, extent))
        low = min(max(1.15 * extent, 0.25 * longest), high)
        side = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        play = 0.5 * max(side - extent, 0.1 * side)
        x = (xs[0] + xs[-1] + 1) / 2 + rng.uniform(-play, play)
        y = (ys[0] + ys[-1] + 1) / 2 + rng.uniform(-play, play)
    x, y = _inside(x, side, w), _inside(y, side, h)
    half_w, half_h = side * stretch / 2, side / stretch / 2
    flip = bool(rng.random() < 0.5)
    return Crop((x - half_w, y - half_h, x + half_w, y + half_h), size, flip)


def _inside(centre: float, side: float, extent: float) -> float:
    """Moves a window into the photograph where it fits, and to its middle where it does not."""
    if side >= extent:
        return extent / 2
    return float(np.clip(centre, side / 2, extent - side / 2))


def take_crop(scene: Scene, crop: Crop) -> Scene:
    """The scene seen through the window, ``(size, size)``; masks by nearest pixel."""
    h, w = scene.image.shape[:2]
    image = Image.fromarray(scene.image).transform(
        (crop.size, crop.size), Image.Transform.EXTENT, crop.window,
        resample=Image.Resampling.BILINEAR, fillcolor=(GREY, GREY, GREY),
    )  # fmt: skip
    pixels = np.asarray(image)
    pixels = pixels[:, ::-1] if crop.flip else pixels
    columns, rows = crop.columns(), crop.rows()
    valid = ((rows >= 0) & (rows < h))[:, None] & ((columns >= 0) & (columns < w))[None]
    at_y = np.clip(rows.astype(np.intp), 0, h - 1)
    at_x = np.clip(columns.astype(np.intp), 0, w - 1)
    masks = scene.masks[:, at_y][:, :, at_x] & valid
    return replace(scene, image=np.ascontiguousarray(pixels), masks=masks)


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
    below. Names of the donor's other objects are not carried over.
    """
    size = base.image.shape[0]
    shift = rng.integers(-size // 3, size // 3 + 1, 2)
    mask = _shifted(donor.masks[row], shift)
    if mask.sum() < 0.25 * donor.masks[row].sum() or not mask.any():
        return base
    image = np.where(mask[..., None], _shifted(donor.image, shift), base.image)
    return Scene(
        image,
        np.concatenate((base.masks & ~mask, mask[None])),
        (*base.labels, donor.labels[row]),
        (*base.things, donor.things[row]),
        (*base.many, donor.many[row]),
        base.known,
        base.hidden,
        mixed=True,
    )


def _shifted(array: NDArray[Any], shift: NDArray[np.int64]) -> NDArray[Any]:
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
    image = np.concatenate((left.image[:, middle], right.image[:, middle]), 1)
    one, two = left.masks[:, :, middle], right.masks[:, :, middle]
    first = np.concatenate((one, np.zeros_like(one)), 2)
    second = np.concatenate((np.zeros_like(two), two), 2)
    return Scene(
        np.ascontiguousarray(image),
        np.concatenate((first, second)),
        left.labels + right.labels,
        left.things + right.things,
        left.many + right.many,
        left.known & right.known,
        left.hidden | right.hidden,
        mixed=True,
    )
