"""GeoJSON beside shapely, and documents from elsewhere."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from biprompt.errors import DataError
from biprompt.io.formats.geojson import geojson_document, parse_geojson
from biprompt.io.formats.objects import DEFAULT_LABEL, LabelledImage, LabelledMask

shapely = pytest.importorskip("shapely")

MASKS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))
RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)


def image(*masks: np.ndarray, **about: Any) -> LabelledImage:
    things = tuple(LabelledMask.of(mask, "cup", **about) for mask in masks)
    return LabelledImage("a.jpg", masks[0].shape, things)


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    one = {"type": "Feature", "geometry": geometry, "properties": properties}
    return {"type": "FeatureCollection", "features": [one]}


SQUARE = [[[1, 1], [3, 1], [3, 2], [1, 2], [1, 1]]]


@given(MASKS)
def test_shapely_reads_a_valid_shape_of_the_same_pixels(mask: np.ndarray) -> None:
    (found,) = geojson_document(image(mask))["features"]
    if found["geometry"] is None:
        assert not mask.any()
        return
    shape = shapely.from_geojson(json.dumps(found["geometry"]))
    assert shape.is_valid and shape.area == mask.sum()
    rows, columns = np.indices(mask.shape)
    assert np.array_equal(shapely.contains_xy(shape, columns + 0.5, rows + 0.5), mask)
    for polygon in getattr(shape, "geoms", [shape]):
        assert polygon.exterior.is_ccw  # RFC 7946, section 3.1.6
        assert not any(hole.is_ccw for hole in polygon.interiors)


def test_the_very_document() -> None:
    two = np.zeros((3, 3), bool)
    two[0, 0] = two[2, 2] = True
    found = geojson_document(image(RING, two, np.zeros((3, 3), bool), colour=(255, 0, 16)))
    assert found["type"] == "FeatureCollection"
    assert found["image"] == {"name": "a.jpg", "width": 3, "height": 3}
    ring, parts, nothing = (f["geometry"] for f in found["features"])
    assert ring["type"] == "Polygon" and len(ring["coordinates"]) == 2
    assert ring["coordinates"][0] == [[0, 0], [3, 0], [3, 3], [0, 3], [0, 0]]
    assert parts["type"] == "MultiPolygon" and len(parts["coordinates"]) == 2
    assert nothing is None
    assert found["features"][0]["properties"] == {"label": "cup", "colour": "#ff0010"}


@pytest.mark.parametrize(
    ("properties", "label"),
    [({"label": "cup"}, "cup"), ({"name": "dish"}, "dish"), ({}, DEFAULT_LABEL)],
)
def test_documents_from_elsewhere(properties: dict[str, Any], label: str) -> None:
    found = feature({"type": "Polygon", "coordinates": SQUARE}, colour="red", **properties)
    back = parse_geojson(found, hw=(4, 5))
    (thing,) = back.objects
    assert (thing.label, thing.colour, thing.area, back.file_name) == (label, None, 2, "image")
    assert thing.mask[1, 1:3].all()


def test_a_feature_may_have_no_properties() -> None:
    found = feature({"type": "MultiPolygon", "coordinates": [SQUARE, SQUARE]})
    found["features"][0]["properties"] = None
    (thing,) = parse_geojson(found, hw=(4, 5)).objects
    assert (thing.label, thing.area) == (DEFAULT_LABEL, 2)


def polygon(coordinates: Any, kind: str = "Polygon") -> dict[str, Any]:
    return feature({"type": kind, "coordinates": coordinates})


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "GeoJSON document"),
        ("[]", "GeoJSON document"),
        ({"type": "Feature"}, "type of the document: expected FeatureCollection"),
        ({"type": "FeatureCollection"}, "features of the document"),
        ({"type": "FeatureCollection", "features": [3]}, "member of features"),
        (feature(3), "geometry of the feature"),
        (polygon([[1, 2]], "Point"), "Polygon or MultiPolygon, got 'Point'"),
        (polygon(3), "coordinates of the geometry"),
        (polygon([]), "polygon|coordinates"),
        (polygon([3], "MultiPolygon"), "coordinates of the geometry"),
        (polygon([[]], "MultiPolygon"), "coordinates of the geometry"),
        (polygon([[[1, 2]]]), "polygon"),
        (polygon([[[1, 2], [3], [4, 5]]]), "polygon"),
        (polygon([[["1", 2], [3, 4], [4, 5]]]), "polygon"),
        (polygon([[[1, 2], [3, 1e400], [4, 5]]]), "finite"),
        (polygon([[[1, 2], [3, 10**400], [4, 5]]]), "polygon"),
        (polygon([[[1, 2, 3], [3, 4, 3], [4, 5, 3]]]), "polygon"),
        (feature(None, label=" "), "label"),
        (feature(None, score="x"), "score of the feature"),
    ],
)
def test_damaged_documents(document: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_geojson(document, hw=(4, 5))


@pytest.mark.parametrize("about", [None, {}, {"width": 3}, {"width": 3, "height": 2**40}])
def test_a_size_is_needed(about: Any) -> None:
    found = {**feature(None), "image": about}
    with pytest.raises(DataError, match="image"):
        parse_geojson(found)
