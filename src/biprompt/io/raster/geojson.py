"""Parts of a mask as GeoJSON features, on the map where there is one.

Coordinates are in the image's own coordinate system, which the collection names in its member
`crs`, as GDAL and QGIS read and write it; without one they are pixels. RFC 7946 knows longitude and
latitude alone: where the system is EPSG:4326 the document keeps to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.io.raster.reference import Georeference
from biprompt.masks import Part, Window, mask_polygons

LONGITUDE_LATITUDE = 4326

Geometry = dict[str, Any]
PartMask = tuple[Window, NDArray[np.bool_]]


def features(
    parts: Iterable[PartMask], label: str, reference: Georeference | None, tolerance: float = 0.0
) -> list[dict[str, Any]]:
    """Return one feature for each part of a mask.

    Properties are `label`, `pixels`, and with a place on the map `area` in squared units of its
    coordinate system.

    Args:
        parts: the window of each part in the image and the part in it, `(h, w)` bool, not empty.
        label: what they are.
        reference: the image's place on the map; None keeps pixels.
        tolerance: as in `mask_polygons`.

    Raises:
        InputError: as in `mask_polygons`.
    """
    return [_feature(window, mask, label, reference, tolerance) for window, mask in parts]


def document(
    found: list[dict[str, Any]], name: str, hw: tuple[int, int], reference: Georeference | None
) -> dict[str, Any]:
    """Return a FeatureCollection of plain JSON values, with the image's name and size."""
    image = {"name": name, "width": hw[1], "height": hw[0]}
    collection: dict[str, Any] = {"type": "FeatureCollection", "image": image}
    if reference is not None and reference.wkt and reference.epsg != LONGITUDE_LATITUDE:
        numbered = f"urn:ogc:def:crs:EPSG::{reference.epsg}"
        system = reference.wkt if reference.epsg is None else numbered
        collection["crs"] = {"type": "name", "properties": {"name": system}}
    return {**collection, "features": found}


def _feature(
    window: Window, mask: NDArray[np.bool_], label: str, reference: Georeference | None,
    tolerance: float,
) -> dict[str, Any]:  # fmt: skip
    pixels = int(np.count_nonzero(mask))
    about: dict[str, Any] = {"label": label, "pixels": pixels}
    if reference is not None:
        about["area"] = pixels * reference.pixel_area
    polygons = [_polygon(part, window, reference) for part in mask_polygons(mask, tolerance)]
    kind, coordinates = ("MultiPolygon", polygons) if len(polygons) > 1 else ("Polygon", *polygons)
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": about}


def _polygon(part: Part, window: Window, reference: Georeference | None) -> list[Any]:
    """Rings of `[x, y]`, closed; on the map, outer rings counterclockwise."""
    rings = []
    for ring in part.rings:
        xy = ring.astype(np.float64) + np.array((window.x0, window.y0))
        if reference is not None:
            xy = reference.to_map(xy)
            # In pixels y runs down and the RFC's order is kept by the numbers; on a map that looks
            # north the numbers turn round.
            xy = xy if reference.keeps_turn else xy[::-1]
        rings.append([*xy.tolist(), xy[0].tolist()])
    return rings
