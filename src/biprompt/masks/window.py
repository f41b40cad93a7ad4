"""A rectangle of whole pixels, as slices and as a box."""

from __future__ import annotations

from typing import NamedTuple


class Window(NamedTuple):
    """Rows `y0` to `y1` and columns `x0` to `x1` of an image; the ends lie behind the last pixel.

    Attributes:
        x0: first column.
        y0: first row.
        x1: the column behind the last.
        y1: the row behind the last.
    """

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.y1 - self.y0, self.x1 - self.x0

    @property
    def rows(self) -> slice:
        """Its rows in the image."""
        return slice(self.y0, self.y1)

    @property
    def columns(self) -> slice:
        """Its columns in the image."""
        return slice(self.x0, self.x1)

    @classmethod
    def whole(cls, hw: tuple[int, int]) -> Window:
        """The window that is the image."""
        return cls(0, 0, hw[1], hw[0])
