"""The masks of one image with their labels: what every format is written from and read into."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import InputError
from biprompt.masks import Rle, rle_area, rle_decode, rle_encode

DEFAULT_LABEL = "object"
"""Label of a mask that was asked for without words."""

Rgb = tuple[int, int, int]
"""Red, green, blue, each 0..255."""

COLOURS: tuple[Rgb, ...] = (
    (20, 104, 230),
    (194, 57, 155),
    (10, 155, 142),
    (139, 92, 246),
    (200, 85, 27),
    (95, 138, 12),
    (14, 143, 196),
    (176, 65, 62),
)
"""Colours of objects that have none of their own, in turn; the page's own."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LabelledMask:
    """One thing in an image. Holds run lengths: many masks of a large image need little memory.

    Attributes:
        label: what it is called; half characters (lone surrogates) become U+FFFD.
        rle: its mask as COCO run lengths.
        colour: (red, green, blue), each 0 to 255; None for no colour of its own.
        score: predicted quality; None where nobody knows.
        area: pixels of the mask.

    Raises:
        InputError: a label without a visible character, a colour or score that is none.
        DataError: damaged run lengths.
    """

    label: str
    rle: Rle
    colour: Rgb | None = None
    score: float | None = None
    area: int = field(init=False)

    def __post_init__(self) -> None:
        """Check every value."""
        area = rle_area(self.rle)
        if not isinstance(self.rle["counts"], str):
            object.__setattr__(self, "rle", rle_encode(rle_decode(self.rle)))
        object.__setattr__(self, "area", area)
        object.__setattr__(self, "label", _label(self.label))
        object.__setattr__(self, "score", None if self.score is None else _score(self.score))
        if self.colour is not None:
            _check_colour(self.colour)

    @classmethod
    def of(
        cls,
        mask: ArrayLike,
        label: str | None = None,
        *,
        colour: Rgb | None = None,
        score: float | None = None,
    ) -> LabelledMask:
        """Make one from a (H, W) bool mask; without a label it is DEFAULT_LABEL.

        Raises:
            InputError: a mask of another shape or dtype, or as above.
        """
        name = DEFAULT_LABEL if label is None else label
        return cls(name, rle_encode(mask), colour=colour, score=score)

    @property
    def hw(self) -> tuple[int, int]:
        """`(height, width)` of its image."""
        height, width = self.rle["size"]
        return height, width

    @property
    def mask(self) -> NDArray[np.bool_]:
        """`(H, W)` bool, made anew at each call."""
        return rle_decode(self.rle)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """One image and the things that were found in it.

    Attributes:
        file_name: of the image; lone surrogates become U+FFFD.
        hw: `(height, width)` in pixels.
        objects: its things, in order; masks may overlap and may be empty.
        pixels: `(H, W, 3)` uint8 RGB, for pictures; None when it is not at hand.

    Raises:
        InputError: a size below 1 x 1, a mask of another size, or pixels of another shape.
    """

    file_name: str
    hw: tuple[int, int]
    objects: tuple[LabelledMask, ...] = ()
    pixels: NDArray[np.uint8] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check the sizes."""
        object.__setattr__(self, "file_name", _whole(self.file_name))
        if len(self.hw) != 2 or min(self.hw) < 1:
            raise InputError("image size", expected="at least 1 x 1", actual=self.hw)
        for thing in self.objects:
            if thing.hw != tuple(self.hw):
                raise InputError("mask size", expected=tuple(self.hw), actual=thing.hw)
        shape = (*self.hw, 3)
        if self.pixels is not None and (
            self.pixels.shape != shape or self.pixels.dtype != np.uint8
        ):
            actual = f"shape {self.pixels.shape} of {self.pixels.dtype}"
            raise InputError("pixels", expected=f"shape {shape} of uint8", actual=actual)

    def colour(self, number: int) -> Rgb:
        """Return the colour of an object: its own, or one of COLOURS by its place."""
        return self.objects[number].colour or COLOURS[number % len(COLOURS)]


def parse_colour(text: Any) -> Rgb:
    """Return the colour that "#rrggbb" stands for.

    Raises:
        InputError: anything else.
    """
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise InputError("colour", expected="#rrggbb", actual=repr(text))
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue


def hex_colour(colour: Rgb) -> str:
    """Return a colour as "#rrggbb"."""
    return f"#{bytes(colour).hex()}"


def _whole(text: str) -> str:
    # File names that are no valid text come with lone surrogates, which UTF-8 cannot say.
    return _SURROGATES.sub("\ufffd", text)


def _label(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError("label", expected="a name", actual=repr(value))
    return _whole(value)


def _score(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError("score", expected="a finite number", actual=repr(value))
    return number


def _check_colour(value: Any) -> None:
    parts = value if isinstance(value, tuple) else ()
    if len(parts) != 3 or not all(isinstance(p, int) and 0 <= p <= 255 for p in parts):
        raise InputError("colour", expected="three numbers from 0 to 255", actual=repr(value))
