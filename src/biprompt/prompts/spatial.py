"""Prompts drawn on an image, and examples shown with one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import PromptError
from biprompt.prompts._arrays import (
    as_array,
    binary_mask,
    coordinates,
    describe,
    frozen,
    path_xy,
)
from biprompt.prompts._value import Value

MAX_POINTS = 1000
MAX_PATH_POINTS = 10_000
_ROUNDING = 1e-6


def _point_labels(labels: ArrayLike | None, count: int) -> NDArray[np.int8]:
    if labels is None:
        return frozen(np.ones(count), np.int8)
    array = as_array("labels", labels, "one 0 or 1 for each point")
    if array.shape != (count,):
        raise PromptError("labels", expected=f"{count}, one for each point", actual=describe(array))
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        raise PromptError("labels", expected="1 (add) or 0 (remove)", actual=f"{array[wrong][0]}")
    return frozen(array, np.int8)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Points(Value):
    """Clicks.

    Attributes:
        xy: (N, 2) float64, (x, y) in pixels of the original image, 1 <= N <= MAX_POINTS.
        labels: (N,) int8, 1 adds the thing under the point, 0 removes it; in one pixel, not both.
    """

    xy: NDArray[np.float64]
    labels: NDArray[np.int8]

    def __init__(self, xy: ArrayLike, labels: ArrayLike | None = None) -> None:
        """Check and copy; `labels` are all 1 when left out. PromptError for malformed values."""
        path = path_xy("points", xy, 1, MAX_POINTS)
        object.__setattr__(self, "xy", path)
        object.__setattr__(self, "labels", _point_labels(labels, len(path)))
        self._check_agreement()

    def _check_agreement(self) -> None:
        pixels = [(x, y) for x, y in np.floor(self.xy).astype(int).tolist()]
        asked = dict(zip(pixels, self.labels.tolist(), strict=True))
        for (x, y), label in zip(pixels, self.labels, strict=True):
            if asked[x, y] != label:
                raise PromptError(
                    "points",
                    expected="each pixel to add or to remove, not both",
                    actual=f"both at ({x}, {y})",
                )

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Box(Value):
    """A rectangle around the thing.

    Attributes:
        xyxy: (4,) float64, x0, y0, x1, y1 in pixels of the original image, at least one pixel wide
            and high. The edges lie between pixels: (0, 0, W, H) is the whole image.
    """

    xyxy: NDArray[np.float64]

    def __init__(self, xyxy: ArrayLike) -> None:
        """Check and copy. PromptError for another shape, NaN, or a box under one pixel."""
        array = coordinates("box", xyxy, "x0, y0, x1, y1")
        if array.shape != (4,):
            raise PromptError("box", expected="4 numbers x0, y0, x1, y1", actual=describe(array))
        if not (array[0] < array[2] and array[1] < array[3]):
            raise PromptError("box", expected="x0 < x1 and y0 < y1", actual=f"{array.tolist()}")
        width, height = array[2:] - array[:2]
        if min(width, height) < 1 - _ROUNDING:
            raise PromptError(
                "box",
                expected="at least 1 x 1 pixels (width x height)",
                actual=f"{width:.4g} x {height:.4g}",
            )
        object.__setattr__(self, "xyxy", array)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Scribble(Value):
    """A stroke over the thing, or over what is not part of it.

    Attributes:
        xy: (N, 2) float64, the stroke's points in order, pixels of the original image, N >= 1.
        label: 1 adds what lies under the stroke, 0 removes it.
    """

    xy: NDArray[np.float64]
    label: int

    def __init__(self, xy: ArrayLike, label: int = 1) -> None:
        """Check and copy. PromptError for malformed values or over MAX_PATH_POINTS points."""
        if np.ndim(label) != 0 or label not in (0, 1):
            raise PromptError(
                "scribble label", expected="1 (add) or 0 (remove)", actual=describe(label)
            )
        object.__setattr__(self, "xy", path_xy("scribble", xy, 1, MAX_PATH_POINTS))
        object.__setattr__(self, "label", int(label))


def _shoelace_area(xy: NDArray[np.float64]) -> float:
    x, y = (xy - xy[0]).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Polygon(Value):
    """An outline around the thing, closed by itself.

    Attributes:
        xy: (N, 2) float64, the corners in order, pixels of the original image, N >= 3. The
            outline lies between pixels: (0, 0), (W, 0), (W, H), (0, H) is the whole image.
    """

    xy: NDArray[np.float64]

    def __init__(self, xy: ArrayLike) -> None:
        """Check and copy. PromptError for malformed values or corners that enclose no area."""
        path = path_xy("polygon", xy, 3, MAX_PATH_POINTS)
        extent = float(np.ptp(path, axis=0).max())
        if _shoelace_area(path) <= 1e-9 * extent * extent:
            raise PromptError(
                "polygon",
                expected="corners that enclose an area",
                actual=f"area 0 from {len(path)} corners",
            )
        object.__setattr__(self, "xy", path)


def _probabilities(soft: ArrayLike) -> NDArray[np.float32]:
    array = as_array("soft mask", soft, "(h, w) numbers from 0 to 1")
    if array.ndim != 2 or not array.size or not bool(np.all((array >= 0) & (array <= 1))):
        raise PromptError("soft mask", expected="(h, w) numbers from 0 to 1", actual=describe(soft))
    return frozen(array, np.float32)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class MaskPrompt(Value):
    """A mask to refine.

    Attributes:
        mask: (H, W) bool, the size of the original image, at least one pixel set.
        soft: (h, w) float32 in [0, 1], the same mask as a model gave it, at its own resolution;
            None for a mask from elsewhere. It tells a model how sure it was.
    """

    mask: NDArray[np.bool_]
    soft: NDArray[np.float32] | None = None

    def __init__(self, mask: ArrayLike, soft: ArrayLike | None = None) -> None:
        """Check and copy; bool, 0 and 1, or 0 and 255. PromptError for anything else."""
        object.__setattr__(self, "mask", binary_mask("mask", mask))
        object.__setattr__(self, "soft", None if soft is None else _probabilities(soft))


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Example(Value):
    """Another image and the thing marked in it.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        mask: (H, W) bool of the same size, at least one pixel set.
        label: 1 shows what is meant, 0 what is not.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    label: int = 1

    def __init__(self, image: ArrayLike, mask: ArrayLike, label: int = 1) -> None:
        """Check and copy. PromptError for another shape, dtype or label, or sizes that differ."""
        if label not in (0, 1):
            raise PromptError("example label", expected="1 or 0", actual=repr(label))
        pixels = as_array("example image", image, "an array of shape (H, W, 3)")
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise PromptError(
                "example image", expected="shape (H, W, 3) of uint8, RGB", actual=describe(pixels)
            )
        marked = binary_mask("example mask", mask)
        if marked.shape != pixels.shape[:2]:
            raise PromptError(
                "example mask",
                expected=f"the size of its image, {pixels.shape[:2]}",
                actual=f"{marked.shape}",
            )
        object.__setattr__(self, "image", frozen(pixels, np.uint8))
        object.__setattr__(self, "mask", marked)
        object.__setattr__(self, "label", int(label))
