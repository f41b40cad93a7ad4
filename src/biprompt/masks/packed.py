"""A mask held small: one bit for each pixel of the box around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.masks.bits import BitMask
from biprompt.masks.shapes import bbox_xyxy
from biprompt.masks.window import Window


@dataclass(frozen=True, slots=True, eq=False)
class PackedMask:
    """A mask (H, W) bool that takes at most an eighth of its memory, and less for small things.

    Attributes:
        hw: height and width of the mask.
        window: the box around it; of no size where it is empty.
        bits: what is in the box; None where it is empty.
    """

    hw: tuple[int, int]
    window: Window
    bits: BitMask | None

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> PackedMask:
        """Pack a mask; InputError unless it is (H, W) with a pixel at least."""
        window = Window(*bbox_xyxy(mask))
        part = mask[window.rows, window.columns]
        return cls((mask.shape[0], mask.shape[1]), window, BitMask.of(part) if part.size else None)

    @property
    def nbytes(self) -> int:
        """Bytes of the bits."""
        return 0 if self.bits is None else self.bits.bits.nbytes

    def unpacked(self) -> NDArray[np.bool_]:
        """Return the mask, a new array, read-only."""
        mask = np.zeros(self.hw, np.bool_)
        if self.bits is not None:
            mask[self.window.rows, self.window.columns] = self.bits.read()
        mask.flags.writeable = False
        return mask
