"""Between the frame of the original image and the frame a model works in.

Both frames count pixels from the top left corner, x to the right and y down; (0, 0) is the corner
of the first pixel in both and (W, H) the corner behind the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import floor, prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError

Hw = tuple[int, int]
_Taps = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]
_BAND = 2**16
"""Numbers worked on at once: 256 KB."""


def _check_hw(what: str, hw: Hw) -> None:
    if len(hw) != 2 or min(hw) < 1:
        raise InputError(what, expected="height and width of at least 1", actual=f"{tuple(hw)}")


def _coordinates(what: str, values: ArrayLike, last: int) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.ndim < 1 or array.shape[-1] != last:
        raise InputError(what, expected=f"shape (..., {last})", actual=f"shape {array.shape}")
    return array


@dataclass(frozen=True, slots=True)
class ModelFrame:
    """The frame of one image and the frame in which a model sees it.

    Attributes:
        original_hw: height and width of the original image in pixels.
        model_hw: height and width the model works at, in its pixels, without padding.
        padded_hw: height and width of the canvas on which the model sees the image at the top
            left; None where nothing is padded.

    Raises:
        InputError: a side below 1, or a canvas smaller than the image on it.
    """

    original_hw: Hw
    model_hw: Hw
    padded_hw: Hw | None = None

    def __post_init__(self) -> None:
        """Check the sizes."""
        _check_hw("original size", self.original_hw)
        _check_hw("model size", self.model_hw)
        (h, w), (high, wide) = self.model_hw, self.canvas_hw
        if high < h or wide < w:
            expected = f"at least the model size {self.model_hw}"
            raise InputError("padded size", expected=expected, actual=self.padded_hw)

    @property
    def canvas_hw(self) -> Hw:
        """What the model's maps cover: the padded size, or the model size."""
        return self.padded_hw or self.model_hw

    @property
    def is_padded(self) -> bool:
        """Whether the canvas is larger than the image on it."""
        return self.canvas_hw != self.model_hw

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Model pixels in one original pixel, along x and along y."""
        (h, w), (model_h, model_w) = self.original_hw, self.model_hw
        return model_w / w, model_h / h

    def scale_points(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Return points (..., 2), (x, y) in original pixels, in model pixels.

        Raises:
            InputError: the last axis is not 2.
        """
        return _coordinates("points", xy, 2) * self.scale_xy

    def unscale_points(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Return points (..., 2), (x, y) in model pixels, in original pixels.

        Raises:
            InputError: the last axis is not 2.
        """
        return _coordinates("points", xy, 2) / self.scale_xy

    def scale_boxes(self, xyxy: ArrayLike) -> NDArray[np.float64]:
        """Return boxes (..., 4), xyxy in original pixels, in model pixels.

        Raises:
            InputError: the last axis is not 4.
        """
        return _coordinates("boxes", xyxy, 4) * (self.scale_xy * 2)

    def unscale_boxes(self, xyxy: ArrayLike) -> NDArray[np.float64]:
        """Return boxes (..., 4), xyxy in model pixels, in original pixels.

        Raises:
            InputError: the last axis is not 4.
        """
        return _coordinates("boxes", xyxy, 4) / (self.scale_xy * 2)


def fit_longest(hw: Hw, long_side: int, multiple: int = 1) -> Hw:
    """Return the size at which a model sees an image: its longer side becomes `long_side`.

    Args:
        hw: height and width of the original image.
        long_side: wanted length of the longer side in model pixels.
        multiple: each side is rounded to the nearest multiple of this, and is at least that.

    Returns:
        Height and width in model pixels; the aspect is kept up to the rounding.

    Raises:
        InputError: a size below 1.
    """
    _check_hw("original size", hw)
    _check_hw("long side and multiple", (long_side, multiple))
    scale = long_side / max(hw) / multiple
    h, w = (max(1, floor(side * scale + 0.5)) * multiple for side in hw)
    return h, w


@lru_cache(maxsize=64)
def _taps(size: int, out: int) -> _Taps:
    """Return for each output place its two source places and the weight of the second."""
    # Rounded to float32 where torch rounds (it fuses multiply and subtract): in a wide image the
    # weight of the second place would otherwise differ in its sixth digit.
    scale = float(np.float32(size) / np.float32(out))
    source = np.maximum((np.arange(out) + 0.5) * scale - 0.5, 0).astype(np.float32)
    first = np.minimum(source.astype(np.intp), size - 1)
    second = np.minimum(first + 1, size - 1)
    weight = source - first.astype(np.float32)
    for array in (first, second, weight):
        array.flags.writeable = False
    return first, second, weight


def _blend_rows(values: NDArray[np.float32], taps: _Taps) -> NDArray[np.float32]:
    """Resize axis -2 to the places of `taps`; whole rows are copied, so this is the cheap axis."""
    first, second, weight = taps
    result = values.take(second, axis=-2)
    upper = values.take(first, axis=-2)
    result -= upper
    result *= weight[:, None]
    result += upper
    return result


def _widened(logits: ArrayLike, hw: Hw) -> NDArray[np.float32]:
    """Return maps (..., h, w) as (..., h, W) float32, C-contiguous."""
    values = np.asarray(logits, np.float32)
    if values.ndim < 2 or 0 in values.shape[-2:]:
        raise InputError("logits", expected="shape (..., h, w)", actual=f"shape {values.shape}")
    _check_hw("output size", hw)
    # Columns first, on the small map: transposed, so that they too are copied as rows.
    wide = _blend_rows(values.swapaxes(-1, -2), _taps(values.shape[-1], hw[1]))
    return np.ascontiguousarray(wide.swapaxes(-1, -2))


def resize_mask_logits(logits: ArrayLike, hw: Hw) -> NDArray[np.float32]:
    """Resize maps by bilinear interpolation with half-pixel centres, without anti-aliasing.

    The same as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`.

    Args:
        logits: (..., h, w) numbers, computed as float32; any leading axes.
        hw: height and width of the result, each at least 1.

    Returns:
        (..., H, W) float32, a new array.

    Raises:
        InputError: fewer than two axes, an empty map, or a size below 1.
    """
    wide = _widened(logits, hw)
    return _blend_rows(wide, _taps(wide.shape[-2], hw[0]))


def masks_from_logits(logits: ArrayLike, hw: Hw) -> NDArray[np.bool_]:
    """Return where resized maps are above zero: `resize_mask_logits(logits, hw) > 0`, bit by bit.

    Worked out in bands of rows that stay in the processor's cache, and only in the rows and columns
    between which a map has anything above zero: a large photograph needs no large floats, and a
    small thing on it little time.

    Args:
        logits: (..., h, w) numbers, computed as float32; any leading axes.
        hw: height and width of the result, each at least 1.

    Returns:
        (..., H, W) bool, a new array.

    Raises:
        InputError: fewer than two axes, an empty map, or a size below 1.
    """
    wide = _widened(logits, hw)
    masks = np.zeros((*wide.shape[:-2], *hw), np.bool_)
    each = (prod(wide.shape[:-2]), *wide.shape[-2:])
    for level, mask in zip(wide.reshape(each), masks.reshape(-1, *hw), strict=True):
        _fill_above_zero(level, mask)
    return masks


def _fill_above_zero(wide: NDArray[np.float32], mask: NDArray[np.bool_]) -> None:
    """Resize the rows of one map (h, W) and set the pixels of a mask (H, W) that are above zero."""
    there = wide > 0
    filled, columns = np.asarray(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    first, second, weight = _taps(len(wide), len(mask))
    rows = np.flatnonzero(filled[first] | filled[second])
    if rows.size == 0:  # nothing, or only in rows that a smaller mask leaves out
        return
    across = slice(int(columns[0]), int(columns[-1]) + 1)
    part = np.ascontiguousarray(wide[:, across])
    height = max(1, _BAND // part.shape[1])
    for top in range(int(rows[0]), int(rows[-1]) + 1, height):
        band = slice(top, min(top + height, int(rows[-1]) + 1))
        taps = first[band], second[band], weight[band]
        np.greater(_blend_rows(part, taps), 0, out=mask[band, across])


def masks_in_frame(logits: ArrayLike, frame: ModelFrame) -> NDArray[np.bool_]:
    """Return where maps of the model's canvas are above zero in the original image.

    Where the canvas is padded, the maps are resized to it, cut to the image, and resized again,
    as Segment Anything does; the first step is worked out only where the image is.

    Args:
        logits: (..., h, w) numbers that cover the canvas.
        frame: how the model saw the image.

    Returns:
        (..., H, W) bool, a new array.

    Raises:
        InputError: fewer than two axes, or an empty map.
    """
    if frame.is_padded:
        (h, w), canvas = frame.model_hw, frame.canvas_hw
        values = np.asarray(logits, np.float32)
        wide = _cut_blend(values.swapaxes(-1, -2), canvas[1], w).swapaxes(-1, -2)
        logits = _cut_blend(np.ascontiguousarray(wide), canvas[0], h)
    return masks_from_logits(logits, frame.original_hw)


def _cut_blend(values: NDArray[np.float32], out: int, kept: int) -> NDArray[np.float32]:
    """Resize axis -2 to `out` places and keep the first ones."""
    first, second, weight = _taps(values.shape[-2], out)
    return _blend_rows(values, (first[:kept], second[:kept], weight[:kept]))
