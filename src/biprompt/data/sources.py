"""Masks that are still on disk or still outlines; each decodes itself when somebody asks.

All are frozen, small and picklable, so that samples travel to worker processes undecoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.data.outlines import BoolMask, coco_fill, opencv_fill, pillow_fill
from biprompt.data.pictures import Crop, cropped, read_numbers, read_shown
from biprompt.errors import DataError, InputError
from biprompt.masks import rle_decode

Rule = Literal["coco", "opencv", "pillow"]
_FILLERS = {"coco": coco_fill, "opencv": opencv_fill, "pillow": pillow_fill}


class MaskSource(Protocol):
    """Something that becomes a mask."""

    def decode(self) -> BoolMask:
        """Return the mask, (H, W) bool, in the frame of the sample's picture.

        Raises:
            DataError: what it is made of is damaged.
            ImageError: a mask file is missing or damaged.
        """
        ...


@dataclass(frozen=True, slots=True)
class Nothing:
    """The empty mask of a size: nothing in the image is meant.

    Attributes:
        hw: (height, width).
    """

    hw: tuple[int, int]

    def decode(self) -> BoolMask:
        """Return (H, W) bool without any pixel set."""
        return np.zeros(self.hw, np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The union of outlines and run lengths.

    Attributes:
        hw: (height, width).
        outlines: each (N, 2) float64 corners (x, y) in pixels.
        rles: COCO run lengths, each of this size.
        rule: whose pixels an outline covers; the data set's own tool decides.
        path: the file they were read from, for messages.
    """

    hw: tuple[int, int]
    outlines: tuple[NDArray[np.float64], ...] = ()
    rles: tuple[Mapping[str, Any], ...] = ()
    rule: Rule = "coco"
    path: Path | None = None

    def decode(self) -> BoolMask:
        """Return what any of the parts covers, (H, W) bool."""
        mask = np.zeros(self.hw, np.bool_)
        try:
            for outline in self.outlines:
                mask |= _FILLERS[self.rule](outline, self.hw)
            for rle in self.rles:
                mask |= self._decoded(rle)
        except InputError as error:
            raise DataError(
                error.what, expected=error.expected, actual=error.actual, path=self.path
            ) from error
        return mask

    def _decoded(self, rle: Mapping[str, Any]) -> BoolMask:
        mask = rle_decode(rle)
        if mask.shape != tuple(self.hw):
            raise DataError("RLE size", expected=list(self.hw), actual=list(mask.shape))
        return mask


@dataclass(frozen=True, slots=True)
class Union:
    """What any of several sources covers.

    Attributes:
        parts: at least one, all of one size.
    """

    parts: tuple[MaskSource, ...]

    def decode(self) -> BoolMask:
        """Return the union, (H, W) bool."""
        mask = self.parts[0].decode().copy()
        for part in self.parts[1:]:
            mask |= part.decode()
        return mask


@dataclass(frozen=True, slots=True)
class Values:
    """The pixels of a mask file that are bright enough.

    Attributes:
        path: an image of one channel or of several; palettes are looked up.
        low: smallest value that counts.
        high: largest value that counts.
        channel: of several channels, "first" or "max" (the largest of the colours).
        crop: the part of the file that is meant.
    """

    path: Path
    low: int
    high: int = 2**16 - 1
    channel: Literal["first", "max"] = "max"
    crop: Crop | None = None

    def decode(self) -> BoolMask:
        """Return where the file's value lies between `low` and `high`, both included."""
        values = cropped(read_shown(self.path), self.crop, self.path)
        if values.ndim == 3:
            values = values[:, :, 0] if self.channel == "first" else values[:, :, :3].max(axis=2)
        return (values >= self.low) & (values <= self.high)


@dataclass(frozen=True, slots=True)
class Number:
    """The pixels of a label file that hold a number.

    Attributes:
        path: an image of one channel; palettes give their indices.
        number: the number that counts.
    """

    path: Path
    number: int

    def decode(self) -> BoolMask:
        """Return where the file holds the number.

        Raises:
            DataError: it has several channels.
        """
        numbers = read_numbers(self.path)
        if numbers.ndim != 2:
            actual = f"shape {numbers.shape}"
            raise DataError("label image", expected="one channel", actual=actual, path=self.path)
        mask: BoolMask = numbers == self.number
        return mask
