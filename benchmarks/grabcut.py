"""Baseline: OpenCV's GrabCut with a box, five rounds, as its tutorial has it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.photograph import BOX
from biprompt.evaluation.grabcut import cut_out


def read(path: Path) -> Any:
    """Return the photograph as OpenCV reads it, `(H, W, 3)` uint8 BGR."""
    return cv2.imread(str(path))


def grabcut(image: Any) -> Any:
    """Return the mask of what lies in the box, `(H, W)` bool."""
    return cut_out(image, BOX)


if __name__ == "__main__":
    cv2.imwrite(sys.argv[2], grabcut(read(Path(sys.argv[1]))).astype(np.uint8) * 255)
