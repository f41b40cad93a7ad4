"""Baseline: OpenCV's GrabCut with a box, five rounds, as its tutorial has it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.photograph import BOX

ROUNDS = 5


def read(path: Path) -> Any:
    """Return the photograph as OpenCV reads it, `(H, W, 3)` uint8 BGR."""
    return cv2.imread(str(path))


def grabcut(image: Any) -> Any:
    """Return the mask of what lies in the box, `(H, W)` bool."""
    x0, y0, x1, y1 = BOX
    mask = np.zeros(image.shape[:2], np.uint8)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    place = (x0, y0, x1 - x0, y1 - y0)
    cv2.grabCut(image, mask, place, background, foreground, ROUNDS, cv2.GC_INIT_WITH_RECT)
    return (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)


if __name__ == "__main__":
    cv2.imwrite(sys.argv[2], grabcut(read(Path(sys.argv[1]))).astype(np.uint8) * 255)
