"""GeoJSON (RFC 7946) in pixels of the image: x to the right, y down, pixel edges at whole numbers.

Holes are inner rings, a thing in several parts is a MultiPolygon, an empty mask a feature without
a geometry. Rings turn as the RFC wants it by their numbers: outer rings counterclockwise where y
is read upwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.errors import InputError
from biprompt.io.formats import _json
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.objects import (
    DEFAULT_LABEL,
    LabelledImage,
    LabelledMask,
    hex_colour,
    parse_colour,
)
from biprompt.masks import Part, mask_polygons

_NO_NUMBER = (int, float, type(None))


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Write a feature collection."""
    return Written((ExportedFile(".geojson", _json.to_json(geojson_document(image, tolerance))),))


def geojson_document(image: LabelledImage, tolerance: float = 0.0) -> dict[str, Any]:
    """Describe masks as a FeatureCollection of plain JSON values, one feature for each.

    Properties are `label`, `colour` ("#rrggbb") and, where known, `score`; the extra member
    `image` of the collection has the name, width and height.

    Args:
        image: the masks.
        tolerance: as in `mask_polygons`.

    Raises:
        InputError: as in `mask_polygons`.
    """
    height, width = image.hw
    return {
        "type": "FeatureCollection",
        "image": {"name": image.file_name, "width": width, "height": height},
        "features": [
            {
                "type": "Feature",
                "geometry": _geometry(mask_polygons(thing.mask, tolerance)),
                "properties": _properties(thing),
            }
            for thing in image.objects
        ],
    }


def parse_geojson(
    document: Mapping[str, Any] | bytes | str, hw: tuple[int, int] | None = None
) -> LabelledImage:
    """Read the masks of a FeatureCollection in pixels.

    Args:
        document: the JSON text, or what it decodes to. Geometries are Polygon, MultiPolygon or
            null; pixels whose centre lies inside belong to the mask.
        hw: `(height, width)` of the image; None takes the document's own `image` member.

    Returns:
        The masks. A label is looked for in the properties `label` and `name`.

    Raises:
        DataError: not GeoJSON of this kind, or no size.
    """
    data = _json.from_json(document, "GeoJSON document")
    if data.get("type") != "FeatureCollection":
        raise _json.wrong("type of the document", "FeatureCollection", repr(data.get("type")))
    about = _json.member(data, "image", (dict, type(None)), "document") or {}
    size = _json.size(about, "height", "width", "image") if hw is None else hw
    features = _json.members(data, "features", "document")
    objects = tuple(_object(feature, size) for feature in features)
    return LabelledImage(str(about.get("name", "image")), size, objects)


def _geometry(parts: tuple[Part, ...]) -> dict[str, Any] | None:
    polygons = [[[*ring.tolist(), ring[0].tolist()] for ring in part.rings] for part in parts]
    if not polygons:
        return None
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _properties(thing: LabelledMask) -> dict[str, Any]:
    values = {
        "label": thing.label,
        "colour": None if thing.colour is None else hex_colour(thing.colour),
        "score": thing.score,
    }
    return {key: value for key, value in values.items() if value is not None}


def _object(feature: Mapping[str, Any], hw: tuple[int, int]) -> LabelledMask:
    geometry = _json.member(feature, "geometry", (dict, type(None)), "feature")
    about = _json.member(feature, "properties", (dict, type(None)), "feature") or {}
    mask = _json.filled(_polygons(geometry), hw)
    label = about.get("label", about.get("name", DEFAULT_LABEL))
    score = _json.member(about, "score", _NO_NUMBER, "feature")
    return _json.labelled(mask, label, colour=_colour(about.get("colour")), score=score)


def _polygons(geometry: Mapping[str, Any] | None) -> list[list[Any]]:
    if geometry is None:
        return []
    kind, coordinates = (
        geometry.get("type"),
        _json.member(geometry, "coordinates", list, "geometry"),
    )
    if kind not in ("Polygon", "MultiPolygon"):
        raise _json.wrong("type of the geometry", "Polygon or MultiPolygon", repr(kind))
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not all(isinstance(rings, list) and rings for rings in polygons):
        raise _json.wrong("coordinates of the geometry", "lists of rings", repr(coordinates))
    return polygons


def _colour(value: Any) -> tuple[int, int, int] | None:
    # Others write colours in other ways; they are theirs.
    try:
        return parse_colour(value)
    except InputError:
        return None
