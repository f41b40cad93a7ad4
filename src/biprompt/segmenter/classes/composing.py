"""From the maps of classes to one label map, class by class, in the memory of one map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from biprompt.geometry import ModelFrame, resize_mask_logits
from biprompt.runtime.base import Float

Labels = npt.NDArray[np.int32]


class Composition:
    """A label map that grows class by class.

    A class claims the pixels where its map is above `least`; of several claims the greatest
    ``value * confidence ** weight`` has the pixel, of equal ones the earliest. (MaskFormer, eq. 2,
    multiplies likewise the probability of the class with that of the pixel.)

    Args:
        hw: (height, width).
        rest: number where nothing claims.
        least: value that a claim has to be above.
        weight: of the confidence; 0 lets the maps decide alone.
    """

    def __init__(
        self, hw: tuple[int, int], rest: int, least: float = 0.5, weight: float = 1.0
    ) -> None:
        """Begin with no class."""
        self.labels: Labels = np.full(hw, rest, np.int32)
        self._least, self._weight = least, weight
        self._claims = np.full(hw, -np.inf, np.float32)

    def add(self, number: int, values: Float, confidence: float) -> None:
        """Let a class claim its pixels.

        Args:
            number: written where it wins.
            values: (H, W) float32 in 0 to 1.
            confidence: 0 to 1.
        """
        claims = values * np.float32(confidence**self._weight)
        won = (values > self._least) & (claims > self._claims)
        self.labels[won] = number
        self._claims[won] = claims[won]

    def score(self, number: int) -> tuple[int, float | None]:
        """Return how many pixels a number has, and the mean of its claims there, None of none."""
        its = self.labels == number
        area = int(np.count_nonzero(its))
        return area, float(self._claims[its].mean(dtype=np.float64)) if area else None


def in_original(values: Float, frame: ModelFrame) -> Float:
    """Resize a map of the model's canvas to the original image, bilinearly.

    Args:
        values: (h, w) float32 on cells of the canvas.
        frame: how the model saw the image.

    Returns:
        (H, W) float32; what lies on padding is cut off first.
    """
    if frame.is_padded:
        height, width = frame.model_hw
        values = resize_mask_logits(values, frame.canvas_hw)[:height, :width]
    return resize_mask_logits(values, frame.original_hw)
