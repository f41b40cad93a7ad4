"""A picture as the vision encoder of a LLaVA expects it, from the settings beside its weights.

The steps are those of CLIP's image processor in transformers, which needs torchvision for its fast
form: resize by Pillow, cut out the middle, scale to [0, 1], take the mean away, divide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from biprompt.errors import WeightsError

_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_BICUBIC = 3


@dataclass(frozen=True, slots=True)
class VisionView:
    """How a picture reaches the vision encoder.

    Attributes:
        side: of the square that it sees, pixels.
        shortest: the shorter side after the resize, the aspect kept; None ignores the aspect.
        resample: Pillow's number of the filter.
        mean: of each channel, taken away.
        std: of each channel, divided by.
    """

    side: int
    shortest: int | None
    resample: int = _BICUBIC
    mean: tuple[float, float, float] = _CLIP_MEAN
    std: tuple[float, float, float] = _CLIP_STD

    @classmethod
    def of(cls, settings: Mapping[str, Any], side: int) -> VisionView:
        """Read the settings of an image processor.

        Args:
            settings: of ``preprocessor_config.json``, or its ``image_processor`` part.
            side: of the square that the vision encoder takes.

        Raises:
            WeightsError: they ask for steps that are not known here, or for another size.
        """
        settings = settings.get("image_processor", settings)
        size = settings.get("size", side)
        size = {"shortest_edge": size} if isinstance(size, int) else dict(size)
        shortest = size.get("shortest_edge")
        fixed = (size.get("height"), size.get("width"))
        cropped = settings.get("crop_size", side) if settings.get("do_center_crop", True) else None
        crop = cropped.get("height") if isinstance(cropped, Mapping) else cropped
        square = crop == side if shortest is not None else fixed == (side, side)
        if not square or not settings.get("do_normalize", True) or settings.get("do_pad", False):
            expected = f"a resize to {side} x {side} pixels with a mean and a deviation"
            raise WeightsError("image processor", expected=expected, actual=dict(settings))
        return cls(
            side,
            shortest,
            int(settings.get("resample", _BICUBIC)),
            _three("image_mean", settings.get("image_mean", _CLIP_MEAN)),
            _three("image_std", settings.get("image_std", _CLIP_STD)),
        )

    def pixels(self, image: NDArray[np.uint8]) -> Tensor:
        """Return a picture ``(H, W, 3)`` uint8 RGB as ``(3, side, side)`` float32."""
        height, width = image.shape[:2]
        if self.shortest is None:
            h, w = self.side, self.side
        else:
            short, long = min(height, width), max(height, width)
            other = int(self.shortest * long / short)
            h, w = (self.shortest, other) if height <= width else (other, self.shortest)
        resized = Image.fromarray(image).resize((w, h), Image.Resampling(self.resample))
        seen = _middle(np.asarray(resized), self.side).astype(np.float32) / 255.0
        scaled = (seen - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)))


def _middle(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The square in the middle; black where the picture is smaller."""
    for axis in (0, 1):
        lack = side - image.shape[axis]
        if lack > 0:
            pad = [(0, 0)] * 3
            pad[axis] = ((lack + 1) // 2, lack // 2)
            image = np.pad(image, pad)
    top, left = ((size - side) // 2 for size in image.shape[:2])
    return image[top : top + side, left : left + side]


def _three(name: str, value: Any) -> tuple[float, float, float]:
    try:
        r, g, b = map(float, value)
    except (TypeError, ValueError) as error:
        expected = "a number for each of three channels"
        raise WeightsError(name, expected=expected, actual=value) from error
    return r, g, b
