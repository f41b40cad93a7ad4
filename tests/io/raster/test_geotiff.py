"""GeoTIFF in and out, read back with rasterio, and GeoJSON on the map."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
from rasterio.transform import Affine

from biprompt.errors import ImageError, MissingExtraError, OutputError
from biprompt.io.raster import Georeference, is_georeferenced, open_raster
from biprompt.io.raster.geojson import document, features
from biprompt.io.raster.geotiff import write_mask
from biprompt.masks import BitMask, Window, components

PLACE = Affine(0.5, 0, 500000, 0, -0.5, 5400000)
TURNED = Affine.translation(100, 200) @ Affine.rotation(30) @ Affine.scale(2, -2)
RGB = np.random.default_rng(0).integers(0, 256, (3, 60, 80), np.uint8)


def written(path, bands, **about):
    about = {"driver": "GTiff", "dtype": bands.dtype, "count": len(bands), "height": bands.shape[1],
             "width": bands.shape[2], "crs": "EPSG:32633", "transform": PLACE, **about}  # fmt: skip
    with rasterio.open(path, "w", **about) as file:
        file.write(bands)
    return path


def test_windows_and_the_place_on_the_map(tmp_path):
    raster = open_raster(written(tmp_path / "a.tif", RGB))
    assert raster.hw == (60, 80)
    window = Window(11, 7, 40, 33)
    assert np.array_equal(raster.read(window), np.moveaxis(RGB, 0, -1)[7:33, 11:40])
    small = raster.read(Window.whole((60, 80)), (15, 20))
    means = np.moveaxis(RGB, 0, -1).reshape(15, 4, 20, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() <= 1
    assert raster.reference.transform == tuple(PLACE)[:6]
    assert (raster.reference.epsg, raster.reference.name) == (32633, "EPSG:32633")
    assert raster.reference.pixel_area == 0.25
    assert is_georeferenced(tmp_path / "a.tif")


def test_a_tiff_without_a_map(tmp_path):
    path = tmp_path / "a.tif"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        written(path, RGB, crs=None, transform=None)
    assert open_raster(path).reference is None
    assert not is_georeferenced(path)
    assert not is_georeferenced(tmp_path / "none.tif")


def test_deep_values_are_stretched_alike_everywhere(tmp_path):
    # 1,000 to 1,500 in steps: the 2nd and 98th percentiles become black and white.
    deep = np.tile(np.linspace(1000, 1500, 80).astype(np.uint16), (1, 60, 1))
    raster = open_raster(written(tmp_path / "a.tif", deep))
    whole = raster.read(Window.whole((60, 80)))
    low, high = np.percentile(deep, (2, 98))
    expected = np.clip((deep[0] - low) / (high - low), 0, 1) * 255
    assert np.abs(whole[:, :, 0] - expected).max() <= 1
    part = raster.read(Window(30, 10, 50, 20))
    assert np.array_equal(part, whole[10:20, 30:50])


def test_no_data_is_white_and_does_not_count(tmp_path):
    deep = np.full((1, 60, 80), 500, np.int16)
    deep[:, :, :40] = np.linspace(100, 200, 40).astype(np.int16)
    deep[:, :, 40:] = -9999
    raster = open_raster(written(tmp_path / "a.tif", deep, nodata=-9999))
    pixels = raster.read(Window.whole((60, 80)))
    assert (pixels[:, 40:] == 255).all()
    assert pixels[0, 0, 0] == 0 and 100 < pixels[0, 20, 0] < 160


def test_bands_are_chosen(tmp_path):
    five = np.concatenate([RGB, RGB[:2] // 2])
    path = written(tmp_path / "a.tif", five)
    everything = Window.whole((60, 80))
    assert np.array_equal(
        open_raster(path, bands=(5, 2, 1)).read(everything), np.moveaxis(five[[4, 1, 0]], 0, -1)
    )
    grey = open_raster(path, bands=(4,)).read(everything)
    assert np.array_equal(grey, np.repeat(five[3][:, :, None], 3, axis=2))
    for wrong in ((1, 2), (0, 1, 2), (1, 2, 6)):
        with pytest.raises(ImageError, match="one band or three of 1 to 5"):
            open_raster(path, bands=wrong)


def test_a_damaged_file_is_said_in_one_line(tmp_path):
    path = written(tmp_path / "a.tif", RGB, tiled=True, blockxsize=16, blockysize=16,
                   compress="deflate")  # fmt: skip
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError, match="readable, undamaged TIFF") as caught:
        raster = open_raster(path)
        raster.read(Window.whole(raster.hw))
    assert "\n" not in str(caught.value)


def test_without_rasterio_a_tiff_is_still_an_image(tmp_path, monkeypatch):
    path = written(tmp_path / "a.tif", RGB)
    monkeypatch.setattr("biprompt.io.raster.opening.has_rasterio", lambda: False)
    raster = open_raster(path)
    assert raster.reference is None
    assert np.array_equal(raster.read(Window.whole((60, 80))), np.moveaxis(RGB, 0, -1))
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[geo\]"):
        open_raster(path, bands=(1,))
    with pytest.raises(MissingExtraError, match=r"biprompt\[geo\]"):
        write_mask(str(tmp_path / "m.tif"), BitMask((4, 4)), None, force=False)


@pytest.mark.parametrize("place", [PLACE, TURNED], ids=["north up", "turned"])
def test_a_mask_keeps_its_place(tmp_path, place):
    mask = np.random.default_rng(1).random((700, 530)) < 0.4
    reference = open_raster(written(tmp_path / "a.tif", RGB, transform=place)).reference
    write_mask(str(tmp_path / "m.tif"), BitMask.of(mask), reference, force=False)
    with rasterio.open(tmp_path / "m.tif") as file:
        assert np.array_equal(file.read(1), mask * np.uint8(255))
        assert file.crs == "EPSG:32633"
        assert file.transform.almost_equals(place)
    with pytest.raises(OutputError, match="existing file"):
        write_mask(str(tmp_path / "m.tif"), BitMask.of(mask), reference, force=False)


@pytest.mark.parametrize("place", [PLACE, TURNED], ids=["north up", "turned"])
def test_map_coordinates_there_and_back(place):
    reference = Georeference(tuple(place)[:6])
    xy = np.random.default_rng(2).uniform(0, 100, (5, 4, 2))
    there = reference.to_map(xy)
    assert there[1, 2] == pytest.approx((place @ (*xy[1, 2], 1))[:2])
    assert reference.to_pixels(there) == pytest.approx(xy)
    with pytest.raises(ImageError, match="inverted"):
        Georeference((1, 2, 0, 2, 4, 0))


@pytest.mark.parametrize("place", [PLACE, TURNED], ids=["north up", "turned"])
def test_features_lie_where_the_mask_does(place):
    mask = np.random.default_rng(3).random((30, 40)) < 0.45
    labels, count = components(mask)
    window = Window.whole((30, 40))
    reference = Georeference(tuple(place)[:6], "", 32633)
    parts = ((window, labels == number) for number in range(1, count + 1))
    found = features(parts, "field", reference)
    burnt = rasterio.features.rasterize(
        [(f["geometry"], n) for n, f in enumerate(found, 1)], (30, 40), transform=place
    )
    assert np.array_equal(burnt, labels)
    for number, feature in enumerate(found, 1):
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert feature["properties"]["pixels"] == (labels == number).sum()
        assert feature["properties"]["area"] == pytest.approx(shape.area)
        polygons = shape.geoms if shape.geom_type == "MultiPolygon" else [shape]
        assert all(p.exterior.is_ccw and not any(h.is_ccw for h in p.interiors) for p in polygons)


def test_the_document_names_the_system():
    reference = Georeference(tuple(PLACE)[:6], 'PROJCS["x"]', 32633)
    made = document([], "a.tif", (3, 4), reference)
    assert made["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::32633"
    assert made["image"] == {"name": "a.tif", "width": 4, "height": 3}
    assert "crs" not in document([], "a", (3, 4), Georeference(tuple(PLACE)[:6], "GEOGCS", 4326))
    assert "crs" not in document([], "a", (3, 4), None)
    own = document([], "a", (3, 4), Georeference(tuple(PLACE)[:6], 'LOCAL_CS["mine"]'))
    assert own["crs"]["properties"]["name"] == 'LOCAL_CS["mine"]'
    json.dumps(own)
