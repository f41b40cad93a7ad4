"""Does a prompt lie inside its image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError


def _raise_outside(
    what: str, xy: NDArray[np.float64], inside: NDArray[np.bool_], expected: str
) -> None:
    if not inside.all():
        x, y = xy[int(np.argmin(inside))]
        raise PromptError(what, expected=expected, actual=f"({x:.10g}, {y:.10g})")


def check_pixels(what: str, xy: NDArray[np.float64], hw: tuple[int, int]) -> None:
    """Raise PromptError unless every point of `xy` (N, 2) lies in a pixel of the image."""
    h, w = hw
    inside: NDArray[np.bool_] = np.all((xy >= 0) & (xy < (w, h)), axis=1)
    _raise_outside(what, xy, inside, f"0 <= x < {w} and 0 <= y < {h}")


def check_outline(what: str, xy: NDArray[np.float64], hw: tuple[int, int]) -> None:
    """Raise PromptError unless every corner in `xy` (N, 2) lies in the image or on its edge."""
    h, w = hw
    inside: NDArray[np.bool_] = np.all((xy >= 0) & (xy <= (w, h)), axis=1)
    _raise_outside(what, xy, inside, f"0 <= x <= {w} and 0 <= y <= {h}")


def check_mask(mask: NDArray[np.bool_], hw: tuple[int, int]) -> None:
    """Raise PromptError unless the mask has the size of the image."""
    if mask.shape != tuple(hw):
        raise PromptError(
            "mask",
            expected=f"the size of the image, {hw[0]} x {hw[1]} (height x width)",
            actual=f"{mask.shape[0]} x {mask.shape[1]}",
        )
