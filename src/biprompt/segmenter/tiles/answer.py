"""The answer to a prompt on a large image."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from biprompt.io.raster import Georeference, Raster
from biprompt.io.raster.base import longest
from biprompt.masks import MAX_MASK_PIXELS, BitMask, Window
from biprompt.masks.bit_parts import BitParts
from biprompt.results import Segmentation, Verdict
from biprompt.results.shown import Shown
from biprompt.segmenter.tiles.grid import Tiling

if TYPE_CHECKING:
    from biprompt.io.formats.objects import LabelledImage

OVERVIEW_SIDE = 2048
"""Longer side of an overlay."""
LISTED_PARTS = 1000
"""Parts that `to_dict` lists, the largest ones."""


@dataclass(frozen=True, slots=True, eq=False)
class LargeSegmentation(Shown):
    """The answer to a prompt on an image that was looked at in parts.

    Attributes:
        mask: of the whole image, one bit a pixel; `mask.read()` makes an array of it.
        parts: its connected parts.
        verdict: found; disagree, when words and pointing mean different things; or absent.
        presence: 0 to 1, how likely the named thing is there, the surest look; None without words
            or where the model gives none.
        reason: one sentence for a person.
        model: name of the model.
        raster: what was looked at.
        tiling: how it was cut.
        looks: how many times the model looked.
        phrase: the words that were asked; None without.
        whole: the plain answer, where one look at the whole image gave it; else None.
    """

    mask: BitMask
    parts: BitParts
    verdict: Verdict
    presence: float | None
    reason: str
    model: str
    raster: Raster = field(repr=False)
    tiling: Tiling
    looks: int
    phrase: str | None = None
    whole: Segmentation | None = field(default=None, repr=False)

    @property
    def reference(self) -> Georeference | None:
        """The image's place on the map; None without one."""
        return self.raster.reference

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values.

        They are those of the plain answer where there is one; else the same names without the
        candidates. `tiles` says how the image was cut, `map` where it lies, `parts` counts the
        connected parts and lists the largest (`LISTED_PARTS`) with box and area. `mask` is None
        where the image has too many pixels for run lengths.
        """
        plain = self._own() if self.whole is None else self.whole.to_dict()
        return {**plain, "tiles": self._tiles(), "map": self._map(), "parts": self._parts()}

    def save(
        self, path: str | os.PathLike[str], format: str | None = None, *, tolerance: float = 0.0,
        force: bool = False,
    ) -> None:  # fmt: skip
        """Write the mask, completely or not at all; its place on the map is kept.

        Args:
            path: the file to write.
            format: "tiff", "png", "coco" or "geojson"; None asks the suffix of `path`: .tif or
                .tiff, .png, .json (COCO) or .geojson.
            tolerance: how far outlines may move, in pixels; GeoJSON only.
            force: replace an existing file.

        Raises:
            OutputError: another format, the file exists, or it cannot be written.
            MissingExtraError: TIFF needs the extra `geo`.
            InputError: a tolerance below 0 or for a format without outlines, or too many pixels
                for COCO's run lengths.
        """
        from biprompt.segmenter.tiles.saving import save

        save(self, path, format, tolerance=tolerance, force=force)

    def overview(self, side: int = OVERVIEW_SIDE) -> NDArray[np.uint8]:
        """Return the image with the mask on it, shrunk to `side` pixels: `(h, w, 3)` uint8 RGB.

        Raises:
            ImageError: the image cannot be read any more.
        """
        from biprompt.io.draw import overlay
        from biprompt.segmenter.tiles.saving import shrunk

        hw = longest(self.mask.hw, side)
        return overlay(self.raster.read(Window.whole(self.mask.hw), hw), shrunk(self.mask, hw))

    def things(self) -> LabelledImage:
        """See `Shown.things`; the whole mask as one thing, and no pixels.

        Raises:
            InputError: too many pixels for run lengths.
        """
        from biprompt.segmenter.tiles.saving import labelled

        return labelled(self)

    def overlay(self) -> NDArray[np.uint8]:
        """See `Shown.overlay`; shrunk, as `overview`."""
        return self.overview()

    def told(self) -> tuple[str, str, str]:
        """See `Shown.told`."""
        return self.verdict.value, self.model, self.reason

    def _own(self) -> dict[str, Any]:
        (height, width), (x0, y0, x1, y1) = self.mask.hw, self.mask.bbox_xyxy()
        return {
            "image": {"path": self.raster.path, "height": height, "width": width},
            "model": self.model,
            "phrase": self.phrase,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "presence": None if self.presence is None else round(self.presence, 6),
            "mask": self.mask.rle() if height * width <= MAX_MASK_PIXELS else None,
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "area": self.mask.area(),
        }

    def _tiles(self) -> dict[str, Any]:
        return {"size": self.tiling.size, "halo": self.tiling.halo, "looks": self.looks}

    def _map(self) -> dict[str, Any] | None:
        place = self.reference
        if place is None:
            return None
        area = self.mask.area() * place.pixel_area
        return {"system": place.name, "transform": list(place.transform), "area": area}

    def _parts(self) -> dict[str, Any]:
        order = np.lexsort((np.arange(len(self.parts)), -self.parts.area))[:LISTED_PARTS]
        sides = self.parts.bbox[order]
        boxes = np.concatenate([sides[:, :2], sides[:, 2:] - sides[:, :2]], axis=1).tolist()
        areas = self.parts.area[order].tolist()
        largest = [{"bbox": b, "area": a} for b, a in zip(boxes, areas, strict=True)]
        return {"count": len(self.parts), "largest": largest}
