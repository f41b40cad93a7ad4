"""What a large image is to those who read it by windows."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.io.raster.reference import Georeference
from biprompt.masks import Window


class Raster(Protocol):
    """An image that is read by windows; frame: its own pixels, upright. Calls are thread-safe."""

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        ...

    @property
    def path(self) -> str | None:
        """The file it is read from; None without one."""
        ...

    @property
    def reference(self) -> Georeference | None:
        """Its place on the map; None without one."""
        ...

    def read(self, window: Window, hw: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """The pixels of a window that lies within the image.

        Args:
            window: in pixels of the image.
            hw: height and width to shrink them to, none larger than the window's; None keeps them.

        Returns:
            `(h, w, 3)` uint8 RGB, C-contiguous, a new array.

        Raises:
            ImageError: the file is damaged there, or holds values that cannot be shown.
        """
        ...


def longest(hw: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width whose longer side is at most `side`, of the same shape; each at least 1."""
    scale = min(1.0, side / max(hw))
    return max(1, round(hw[0] * scale)), max(1, round(hw[1] * scale))
