"""`biprompt segment` of large images and maps; the model finds what is red."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.transform import from_origin
from tests.segmenter.tiles.red import RedRuntime, red_model

import biprompt
from biprompt.io.decode import MAX_PIXELS_VARIABLE
from biprompt.io.images import read_mask

HW = (112, 160)


@pytest.fixture
def pixels():
    image = np.full((*HW, 3), 100, np.uint8)
    image[::2] = 110
    image[20:92, 20:140] = (200, 0, 0)
    return image


@pytest.fixture
def runtime(monkeypatch):
    made = RedRuntime()
    monkeypatch.setattr(biprompt, "load", lambda name, **more: red_model(made))
    return made


@pytest.fixture
def photo(folder, pixels, runtime):
    Image.fromarray(pixels).save(folder / "a.png")
    return folder / "a.png"


@pytest.fixture
def tiff(folder, pixels, runtime):
    about = {"driver": "GTiff", "width": HW[1], "height": HW[0], "count": 3, "dtype": "uint8",
             "crs": "EPSG:32633", "transform": from_origin(500000, 5400000, 0.5, 0.5)}  # fmt: skip
    with rasterio.open(folder / "a.tif", "w", **about) as file:
        file.write(np.moveaxis(pixels, -1, 0))
    return folder / "a.tif"


def test_tiles_on_demand(run, photo, folder):
    result = run("segment", photo, "--text", "cat", "--tile-size", "64", "-o", "m.png",
                 "--overlay", "o.png", "--json")  # fmt: skip
    answer = json.loads(result.out)
    assert (result.status, result.err, result.out.count("\n")) == (0, "", 1)
    assert answer["tiles"] == {"size": 64, "halo": 8, "looks": 7}
    assert read_mask("m.png").sum() == answer["area"] > 8000
    assert Image.open("o.png").size == (160, 112)


def test_over_the_limit_tiles_come_by_themselves(run, photo, monkeypatch):
    assert "tiles" not in json.loads(run("segment", photo, "--text", "cat", "--json").out)
    monkeypatch.setenv(MAX_PIXELS_VARIABLE, "10000")
    result = run("segment", photo, "--text", "cat", "--json")
    assert result.err == ""
    told = json.loads(result.out)
    assert told["tiles"]["size"] == 100


def test_an_honest_no(run, photo, folder):
    Image.fromarray(np.random.default_rng(0).integers(0, 99, (*HW, 1), np.uint8).repeat(3, 2)).save(
        folder / "grey.png"
    )
    result = run(
        "segment", folder / "grey.png", "--text", "cat", "--tile-size", "64", "-o", "m.png"
    )
    assert result.status == 3
    assert "none of 6 tiles" in result.out
    assert not read_mask("m.png").any()


def test_a_map_keeps_its_coordinate_system(run, tiff):
    result = run(
        "segment", tiff, "--geo-point", "500020,5399980", "-o", "m.tif", "--tile-size", "64"
    )
    assert result.status == 0
    assert "square units of EPSG:32633" in result.out
    with rasterio.open("m.tif") as mask, rasterio.open(tiff) as image:
        assert (mask.crs, mask.transform) == (image.crs, image.transform)
        inside = mask.read(1) == 255
    assert inside[40, 40] and not inside[5, 5]


def test_features_on_the_map_without_asking_for_tiles(run, tiff, folder):
    assert run("segment", tiff, "--text", "cat", "-o", "m.geojson").status == 0
    document = json.loads((folder / "m.geojson").read_text())
    (feature,) = document["features"]
    xs, ys = np.array(feature["geometry"]["coordinates"][0]).T
    assert document["crs"]["properties"]["name"].endswith("EPSG::32633")
    assert (xs.min(), xs.max()) == (500010, 500070)
    assert (ys.min(), ys.max()) == (5399954, 5399990)
    assert feature["properties"]["label"] == "cat"


def test_a_box_and_clicks_of_both_kinds(run, tiff, runtime):
    result = run(
        "segment", tiff, "--geo-box", "500010,5399954,500070,5399990", "--point", "50,50",
        "--geo-negative", "500001,5399999", "--json",
    )  # fmt: skip
    assert result.status == 0
    assert json.loads(result.out)["map"]["system"] == "EPSG:32633"


def test_one_tile_may_have_a_selection_card(run, tiff, folder):
    result = run("segment", tiff, "--text", "cat", "-o", "m.tif", "--card", "c.png", "--json")
    assert result.status == 0
    assert (folder / "c.png").exists()
    assert json.loads(result.out)["candidates"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tiles", "-o", "m.txt"], "format of a large mask: expected a file name that ends in"),
        (["--tile-size", "10"], "tile: expected a whole number of pixels, 32 or more, got 10"),
        (["--tile-size", "64", "--halo", "20"], "below a quarter of the tile (64), got 20"),
        (["--tile-size", "64", "--card", "c.png"], "--card: expected an image of one tile"),
        (["--tiles", "-o", "a.png"], "expected a file other than what is read"),
        (
            ["--tiles", "-o", "b.png", "--tolerance", "1"],
            "tolerance: expected 0 for the format png",
        ),
        (["--tiles", "-o", "b.png", "--overlay", "b.png"], "the same file"),
        (["--bands", "1,2,3"], "bands: expected a TIFF to go with them"),
        (["--bands", "1,x,3"], "--bands: expected R,G,B, got '1,x,3'"),
        (["--bands", "1.5"], "--bands: expected R,G,B or B"),
        (["--geo-point", "1,2"], "map coordinates: expected a GeoTIFF"),
        (["--tiles", "--classes", "sky; road"], "--tiles: expected"),
        (["--halo", "9", "--domain", "coco"], "--halo: expected"),
        (["--tiles", "--point", "160,3"], "point: expected 0 <= x < 160"),
    ],
)
def test_one_line_for_what_is_wrong(run, photo, options, said):
    words = [] if "--classes" in options else ["--text", "cat"]
    result = run("segment", photo, *words, *options)
    assert result.status == 2
    assert said in result.err
    assert result.err.count("\n") == 1


def test_a_map_point_outside_the_image(run, tiff):
    result = run("segment", tiff, "--geo-point", "1,2")
    assert result.status == 2
    assert "map coordinates: expected x 500000 to " in result.err
    assert result.err.endswith("got (1, 2)\n")


def test_without_rasterio_the_extra_is_named(run, photo, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    result = run("segment", photo, "--text", "cat", "-o", "m.tif")
    assert result.status == 2
    assert "biprompt[geo]" in result.err
