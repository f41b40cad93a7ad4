"""A mask of any size: one bit a pixel, in memory or on disk, read and written by rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.masks.rle import MAX_MASK_PIXELS, Rle, rle_of_changes
from biprompt.masks.window import Window

MEMORY_BYTES = 256 * 2**20
"""Largest mask kept in memory, two thousand million pixels; a larger one lies in a file that
disappears with it."""
BAND_PIXELS = 2**24
"""Pixels worked on at once."""


class BitMask:
    """A mask `(H, W)`, one bit a pixel. Rows may be written in any order; it starts empty.

    Attributes:
        hw: height and width in pixels, each at least 1.
        bits: `(H, ceil(W / 8))` uint8, the leftmost pixel in the highest bit, as a PNG of one bit a
            pixel holds its rows; what lies beyond the width is 0.

    Raises:
        InputError: a side below 1.
    """

    def __init__(self, hw: tuple[int, int], *, memory_bytes: int = MEMORY_BYTES) -> None:
        """Make an empty mask; one of more than `memory_bytes` lies on disk."""
        if min(hw) < 1:
            raise InputError("mask size", expected="at least 1 x 1", actual=f"{hw[0]} x {hw[1]}")
        self.hw = hw
        shape = (hw[0], -(-hw[1] // 8))
        self.bits: NDArray[np.uint8]
        if shape[0] * shape[1] <= memory_bytes:
            self.bits = np.zeros(shape, np.uint8)
        else:
            # The file has no name, so that nothing is left whatever happens.
            with tempfile.TemporaryFile() as file:
                self.bits = np.memmap(file, np.uint8, "w+", shape=shape)

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> BitMask:
        """Pack a mask `(H, W)` bool."""
        made = cls((mask.shape[0], mask.shape[1]))
        made.write(0, mask)
        return made

    def write(self, top: int, band: NDArray[np.bool_]) -> None:
        """Replace the rows from `top` on by a band `(h, W)` bool.

        Raises:
            InputError: the band is of another width or reaches past the last row.
        """
        h, w = band.shape
        if w != self.hw[1] or top < 0 or top + h > self.hw[0]:
            expected = f"rows of {self.hw[1]} pixels within 0 to {self.hw[0]}"
            raise InputError("band", expected=expected, actual=f"{top} to {top + h}, {w} wide")
        self.bits[top : top + h] = np.packbits(band, axis=1)

    def read(self, window: Window | None = None) -> NDArray[np.bool_]:
        """Return a window, or all, as `(h, w)` bool, a new array."""
        x0, y0, x1, y1 = Window.whole(self.hw) if window is None else window
        first = x0 // 8
        packed = np.asarray(self.bits[y0:y1, first : -(-x1 // 8)])
        unpacked = np.unpackbits(packed, axis=1)
        shift = x0 - 8 * first
        return unpacked[:, shift : shift + x1 - x0].astype(np.bool_)

    def bands(self) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Return the mask in bands of rows `(h, W)` bool, each with its first row."""
        height = max(1, BAND_PIXELS // self.hw[1])
        for top in range(0, self.hw[0], height):
            behind = min(top + height, self.hw[0])
            yield top, self.read(Window(0, top, self.hw[1], behind))

    def area(self) -> int:
        """Return the number of pixels set."""
        rows = max(1, BAND_PIXELS // self.bits.shape[1])
        starts = range(0, self.hw[0], rows)
        return sum(int(np.bitwise_count(self.bits[top : top + rows]).sum()) for top in starts)

    def bbox_xyxy(self) -> list[int]:
        """Return the smallest box around it, as `biprompt.masks.bbox_xyxy`."""
        rows = np.flatnonzero(self.bits.any(axis=1))
        if rows.size == 0:
            return [0, 0, 0, 0]
        together = np.bitwise_or.reduce(np.asarray(self.bits), axis=0)
        columns = np.flatnonzero(np.unpackbits(together))
        return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]

    def rle(self) -> Rle:
        """Return it as COCO run lengths, the same as `rle_encode` of the whole mask.

        Raises:
            InputError: over `MAX_MASK_PIXELS`.
        """
        height, width = self.hw
        if height * width > MAX_MASK_PIXELS:
            expected = f"at most {MAX_MASK_PIXELS} pixels for run lengths"
            raise InputError("mask", expected=expected, actual=f"{width} x {height}")
        found, before = [], False  # run lengths begin with zeros
        step = max(8, BAND_PIXELS // height // 8 * 8)
        for left in range(0, width, step):
            part = self.read(Window(left, 0, min(left + step, width), height))
            flat = part.ravel(order="F")
            changes = 1 + np.flatnonzero(flat[1:] != flat[:-1])
            if bool(flat[0]) != before:
                changes = np.concatenate(([0], changes))
            found.append(changes + left * height)
            before = bool(flat[-1])
        return rle_of_changes(np.concatenate(found), self.hw)
