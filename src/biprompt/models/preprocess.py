"""Photographs as BEiT-3 and the SAM family saw them in training, bit by bit, without torchvision.

Each network has its own resize, and trained weights notice the difference: some interpolate
without anti-aliasing (`torch.nn.functional.interpolate`), others with it (Pillow).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from biprompt.errors import InputError
from biprompt.geometry import Hw, ModelFrame, fit_longest

Pixels = npt.NDArray[np.uint8]

BEIT_SIZE = 224
SAM_SIZE = 1024
_SAM_MEAN = (123.675, 116.28, 103.53)
_SAM_STD = (58.395, 57.12, 57.375)


class SamResize(StrEnum):
    """How an image comes to the square canvas of a SAM."""

    LONGEST = "longest"
    """Pillow bilinear to the longest side; normalised, then zeros right and below: SAM, EVF-SAM."""
    SQUARE = "square"
    """Bilinear on the uint8 image, aspect ignored, no anti-aliasing: EVF-SAM2's `inference.py`."""
    SQUARE_PIL = "square_pil"
    """Pillow bilinear, aspect ignored, anti-aliased: EVF-SAM2's training and `eval.py`."""
    LONGEST_THEN_SQUARE = "longest_then_square"
    """`LONGEST` without its zeros, then stretched bilinearly to the square: EVF-SAM2 checkpoints
    older than commit 9d00853 (2024-09-22)."""


class SamPixels(StrEnum):
    """The numbers on the canvas of a SAM."""

    IMAGENET = "imagenet"
    """Less the mean of ImageNet, over its deviation, channel by channel."""
    UNIT = "unit"
    """Stretched from the least to the greatest value of the image: [0, 1] (MedSAM)."""
    HALF = "half"
    """From 0 to 255 stretched to [-1, 1] (SAM 3)."""


def beit_pixels(image: Pixels, size: int = BEIT_SIZE) -> Tensor:
    """Return what BEiT-3 sees of an image: a small square, the aspect ignored.

    Bicubic without anti-aliasing and without a clamp, as EVF-SAM's image scripts do, so that values
    may leave [-1, 1] a little.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        size: side of the square.

    Returns:
        ``(3, size, size)`` float32, nominally in [-1, 1].

    Raises:
        InputError: not such an image.
    """
    _check(image)
    scaled = _planes(image) / 255
    square = F.interpolate(scaled[None], (size, size), mode="bicubic", align_corners=False)[0]
    return (square - 0.5) / 0.5


def sam_pixels(
    image: Pixels,
    size: int = SAM_SIZE,
    resize: SamResize = SamResize.LONGEST,
    pixels: SamPixels = SamPixels.IMAGENET,
) -> Tensor:
    """Return what a SAM sees of an image.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        size: side of the canvas.
        resize: how the image comes to that size.
        pixels: how its numbers are scaled.

    Returns:
        ``(3, size, size)`` float32; what `fitted_hw` leaves uncovered, right and below, is 0.

    Raises:
        InputError: not such an image.
    """
    _check(image)
    if resize == SamResize.SQUARE:
        return _scaled(_bilinear(_planes(image), size), pixels)
    if resize == SamResize.SQUARE_PIL:
        return _scaled(_pillow(image, (size, size)), pixels)
    longest = _scaled(_pillow(image, fit_longest(image.shape[:2], size)), pixels)
    return _padded(longest, size) if resize == SamResize.LONGEST else _bilinear(longest, size)


def fitted_hw(hw: Hw, size: int = SAM_SIZE, resize: SamResize = SamResize.LONGEST) -> Hw:
    """Return height and width of the part of the canvas that the image covers, from the top left.

    Args:
        hw: height and width of the image.
        size: side of the canvas.
        resize: how the image comes to it.

    Raises:
        InputError: a side below 1.
    """
    return fit_longest(hw, size) if resize == SamResize.LONGEST else (size, size)


@dataclass(frozen=True, slots=True)
class SamView:
    """How images come to a SAM.

    Attributes:
        side: of the canvas, pixels.
        resize: how an image is brought to that size.
        pixels: how its numbers are scaled.
    """

    side: int = SAM_SIZE
    resize: SamResize = SamResize.LONGEST
    pixels: SamPixels = SamPixels.IMAGENET

    def frame(self, hw: Hw) -> ModelFrame:
        """How an image of this height and width is seen."""
        return ModelFrame(hw, fitted_hw(hw, self.side, self.resize), (self.side, self.side))

    def canvas(self, image: Pixels) -> Tensor:
        """An image ``(H, W, 3)`` uint8 as the encoder takes it: ``(3, S, S)`` float32."""
        return sam_pixels(image, self.side, self.resize, self.pixels)


def _check(image: Pixels) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise InputError(
            "image",
            expected="uint8 of shape (H, W, 3)",
            actual=f"{image.dtype} of shape {image.shape}",
        )


def _planes(image: Pixels) -> Tensor:
    """Return ``(H, W, 3)`` as ``(3, H, W)``, both uint8."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))


def _pillow(image: Pixels, hw: Hw) -> Tensor:
    """Resize with Pillow's anti-aliased bilinear filter, to ``(3, h, w)`` uint8."""
    resized = Image.fromarray(image).resize((hw[1], hw[0]), Image.Resampling.BILINEAR)
    return _planes(np.asarray(resized))


def _bilinear(planes: Tensor, size: int) -> Tensor:
    """Stretch to the square without anti-aliasing; uint8 stays uint8, rounded."""
    return F.interpolate(planes[None], (size, size), mode="bilinear", align_corners=False)[0]


def _scaled(planes: Tensor, pixels: SamPixels) -> Tensor:
    if pixels == SamPixels.UNIT:
        low, high = planes.min(), planes.max()
        return (planes - low) / (high - low).clamp(min=1)
    if pixels == SamPixels.HALF:
        return planes / 127.5 - 1
    mean, std = (torch.tensor(row)[:, None, None] for row in (_SAM_MEAN, _SAM_STD))
    return (planes - mean) / std


def _padded(planes: Tensor, size: int) -> Tensor:
    """Place at the top left of a square of zeros."""
    h, w = planes.shape[-2:]
    return F.pad(planes, (0, size - w, 0, size - h))
