"""The options of `biprompt segment` that only large images and maps have, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Annotated

import typer

from biprompt.cli.values import numbers
from biprompt.errors import ImageError, InputError

HELP = """Large images: one over the pixel limit (BIPROMPT_MAX_PIXELS, 100 million), or any with
--tiles, is looked at by tiles; TIFF is read by windows (the extra geo), other formats are decoded
once. -o may then end in .tif, .png, .json (COCO) or .geojson with a feature for each connected
part; a GeoTIFF's coordinate system is kept, and --geo-point takes map coordinates.

\b
  biprompt segment big.tif --text building -o buildings.geojson --overlay look.png
  biprompt segment big.tif --geo-point 500360.5,5399790 -o field.tif
"""
BANDS_FORM = "R,G,B or B"


def _option(name: str, metavar: str, text: str) -> object:
    return typer.Option(name, metavar=metavar, help=f"Large images: {text}", show_default=False)


def _list(name: str, metavar: str, text: str) -> object:
    return typer.Option(name, metavar=metavar, help=f"Maps: {text}", show_default=False,
                        default_factory=list)  # fmt: skip


Tiles = Annotated[
    bool, typer.Option("--tiles", help="Large images: by tiles, even if it fits into memory.")
]
TileSize = Annotated[
    int | None,
    _option(
        "--tile-size",
        "N",
        "side of a tile in pixels, 1024 when left out; smaller tiles find smaller things.",
    ),
]
Halo = Annotated[
    int | None,
    _option("--halo", "N", "pixels that a tile shares with each neighbour; an eighth of it."),
]
NoOverview = Annotated[
    bool,
    typer.Option(
        "--no-overview",
        help="Large images: do not ask the words of the whole image as well, for things larger "
        "than a tile.",
    ),
]
Bands = Annotated[
    str | None,
    _option("--bands", "R,G,B", "bands of a TIFF to show as red, green and blue, from 1; or one."),
]
GeoPoint = Annotated[
    list[str],
    _list("--geo-point", "X,Y", "a click in the map coordinates of a GeoTIFF. May be repeated."),
]
GeoNegative = Annotated[
    list[str], _list("--geo-negative", "X,Y", "a click on what is not the thing, likewise.")
]
GeoBox = Annotated[
    list[str], _list("--geo-box", "X0,Y0,X1,Y1", "a rectangle around the thing, likewise.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TileOptions:
    """The options above as typed; None, False or empty where they were not given."""

    tiles: bool = False
    tile_size: int | None = None
    halo: int | None = None
    no_overview: bool = False
    bands: str | None = None
    geo_point: list[str]
    geo_negative: list[str]
    geo_box: list[str]

    def given(self) -> list[str]:
        """Return the names of the options that were given."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        there = [name for name, value in values.items() if value not in (None, False, [])]
        return ["--" + name.replace("_", "-") for name in there]

    def refuse(self) -> None:
        """Raise an InputError that names the first one given: it has no sense here."""
        for option in self.given():
            expected = "a photograph or map, and no --classes, --domain or volume, to go with it"
            raise InputError(option, expected=expected, actual="another question")

    def wanted(self, image: Path, output: Path | None) -> bool:
        """Say whether an image is looked at by tiles.

        It is where one of these options is given, the mask goes to a TIFF, or as GeoJSON of an
        image on the map, or the image has more pixels than the limit.

        Raises:
            InputError: the limit itself is wrong.
        """
        from biprompt.io.decode import pixel_limit
        from biprompt.io.raster import file_hw, is_georeferenced

        suffix = "" if output is None else output.suffix.lower()
        if self.given() or suffix in (".tif", ".tiff"):
            return True
        try:
            height, width = file_hw(image)
            if height * width > pixel_limit():
                return True
            return suffix == ".geojson" and is_georeferenced(image)
        except ImageError:
            return False  # which the plain way says better

    def side(self) -> int:
        """Return the side of a tile: as given, else the usual one within the pixel limit.

        Raises:
            InputError: the limit leaves no room for a tile.
        """
        from biprompt.io.decode import MAX_PIXELS_VARIABLE, pixel_limit
        from biprompt.segmenter.tiles import TILE
        from biprompt.segmenter.tiles.grid import LEAST_TILE

        limit = pixel_limit()
        if self.tile_size is None and limit < LEAST_TILE**2:
            expected = f"{LEAST_TILE**2} or more, the pixels of the smallest tile"
            raise InputError(MAX_PIXELS_VARIABLE, expected=expected, actual=limit)
        return min(TILE, isqrt(limit)) if self.tile_size is None else self.tile_size

    def band_numbers(self) -> tuple[int, ...] | None:
        """Return the bands; InputError when they are not one or three whole numbers."""
        if self.bands is None:
            return None
        form = "R,G,B" if self.bands.count(",") else "B"
        found = numbers("--bands", self.bands, form)
        if any(band != int(band) for band in found):
            raise InputError("--bands", expected=BANDS_FORM, actual=repr(self.bands))
        return tuple(int(band) for band in found)
