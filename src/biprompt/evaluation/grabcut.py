"""OpenCV's GrabCut, a baseline; OpenCV is no dependency of this package.

This module imports nothing heavy, as benchmarks count a cold start with it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

ROUNDS = 5
"""As OpenCV's own tutorial has it."""

_MIXTURE = 5  # Gaussians a side; each side must have at least as many pixels to begin with


def opencv_version() -> str | None:
    """Return the version of OpenCV, None where it cannot be imported."""
    try:
        return str(import_module("cv2").__version__)
    except ImportError:
        return None


def cut_out(image: npt.NDArray[np.uint8], box: tuple[int, int, int, int]) -> npt.NDArray[np.bool_]:
    """Return what GrabCut takes for the thing in a box (Rother et al. 2004).

    The random numbers of OpenCV are seeded, so the same box gives the same mask. Where too few
    pixels lie inside or outside the box to tell two colours apart, the answer is the box.

    Args:
        image: (H, W, 3) uint8, its colours in any order.
        box: (x0, y0, x1, y1) in pixels of the image, the last two outside the thing.

    Returns:
        (H, W) bool, nothing outside the box.

    Raises:
        ImportError: OpenCV is not installed.
    """
    cv2: Any = import_module("cv2")
    x0, y0, x1, y1 = box
    inside = (x1 - x0) * (y1 - y0)
    mask = np.zeros(image.shape[:2], np.uint8)
    if min(inside, mask.size - inside) < _MIXTURE:
        mask[y0:y1, x0:x1] = cv2.GC_FGD
    else:
        place, models = (x0, y0, x1 - x0, y1 - y0), (np.zeros((1, 65)), np.zeros((1, 65)))
        cv2.setRNGSeed(0)
        cv2.grabCut(image, mask, place, *models, ROUNDS, cv2.GC_INIT_WITH_RECT)
    found: npt.NDArray[np.bool_] = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    return found
