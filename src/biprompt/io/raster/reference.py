"""Where an image lies on the map: an affine transform and a coordinate system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.errors import ImageError

Six = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Georeference:
    """From pixels to map coordinates and back.

    Pixel coordinates `(x, y)` count from the top left corner of the image, so (0.5, 0.5) is the
    middle of its first pixel (GeoTIFF's "pixel is area").

    Attributes:
        transform: a, b, c, d, e, f of X = a x + b y + c and Y = d x + e y + f.
        wkt: the coordinate system as well-known text; empty where the file names none.
        epsg: its number in the EPSG register; None where it has none.

    Raises:
        ImageError: the transform cannot be inverted.
    """

    transform: Six
    wkt: str = ""
    epsg: int | None = None

    def __post_init__(self) -> None:
        """Check that the way back exists."""
        if not np.isfinite(self.transform).all() or abs(self._determinant) < 1e-300:
            expected = "an affine transform that can be inverted"
            raise ImageError("georeference", expected=expected, actual=self.transform)

    @property
    def _determinant(self) -> float:
        a, b, _, d, e, _ = self.transform
        return a * e - b * d

    @property
    def name(self) -> str:
        """How the coordinate system is called: "EPSG:32633", or the first name in its text."""
        if self.epsg is not None:
            return f"EPSG:{self.epsg}"
        return self.wkt.split('"')[1] if '"' in self.wkt else "unnamed"

    @property
    def pixel_area(self) -> float:
        """Area of a pixel in squared units of the coordinate system."""
        return abs(self._determinant)

    @property
    def keeps_turn(self) -> bool:
        """Whether a ring turns by its map coordinates as by its pixels; not where north is up."""
        return self._determinant > 0

    def to_map(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Return points `(..., 2)`, (x, y) in pixels, in map coordinates."""
        a, b, c, d, e, f = self.transform
        x, y = np.moveaxis(np.asarray(xy, np.float64), -1, 0)
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1)

    def to_pixels(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Return points `(..., 2)` in map coordinates in pixels, (x, y)."""
        a, b, c, d, e, f = self.transform
        x, y = np.moveaxis(np.asarray(xy, np.float64), -1, 0)
        x, y = x - c, y - f
        return np.stack([e * x - b * y, a * y - d * x], axis=-1) / self._determinant
