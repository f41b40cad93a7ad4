"""The table of formats, and how one is chosen."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from biprompt.errors import OutputError
from biprompt.io.formats import FORMATS, files_beside, find_format, resolve_format

NAMES = ["png", "labels", "overlay", "coco", "yolo", "labelme", "geojson"]


def test_the_names() -> None:
    assert list(FORMATS) == NAMES
    assert all(format.name == name for name, format in FORMATS.items())


@pytest.mark.parametrize("name", NAMES)
def test_every_format_says_what_it_is(name: str) -> None:
    format = FORMATS[name]
    assert hasattr(importlib.import_module(f"biprompt.io.formats.{name}"), "write")
    assert format.suffix.startswith(".") and "/" in format.media_type and format.title
    assert format.lost.isascii()
    assert bool(format.lost) == (name != "geojson")
    plain = format.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert {"name", "suffix", "holes", "parts", "objects", "labels", "lost"} <= set(plain)


@pytest.mark.parametrize(
    ("path", "named", "expected"),
    [
        ("a.png", None, "png"),
        ("a.PNG", None, "png"),
        (Path("x/a.json"), None, "coco"),
        ("a.txt", None, "yolo"),
        ("a.GeoJSON", None, "geojson"),
        ("a.PNG", "png", "png"),
        ("a.png", "labels", "labels"),
        ("a.png", "overlay", "overlay"),
        ("a.json", "COCO", "coco"),
        ("a.json", "LabelMe", "labelme"),
        ("a.json", "geojson", "geojson"),
        ("a", "coco", "coco"),
        ("a.dat", "PNG", "png"),
        ("a.dat", "json", "coco"),
    ],
)
def test_format_by_name_or_suffix(path: str | Path, named: str | None, expected: str) -> None:
    assert resolve_format(path, named) is FORMATS[expected]


def test_unknown_format() -> None:
    for path, named in (("a.jpg", None), ("a", None), (".png", None), ("a.png", "tiff")):
        with pytest.raises(OutputError, match="png"):
            resolve_format(path, named)
    with pytest.raises(OutputError, match=r"expected png, labels, .* or geojson, got 'tiff'"):
        find_format("tiff")


@pytest.mark.parametrize(
    ("path", "named", "usual"),
    [
        ("y.png", "coco", ".json"),
        ("y.PNG", "json", ".json"),
        ("y.json", "png", ".png"),
        ("y.jpg", "png", ".png"),
        ("y.TIFF", "coco", ".json"),
        ("y.txt", "labelme", ".json"),
        ("y.geojson", "yolo", ".txt"),
        ("y.json", "labels", ".png"),
    ],
)
def test_a_suffix_that_contradicts_the_format(path: str, named: str, usual: str) -> None:
    with pytest.raises(OutputError, match=rf"{path}: file suffix: expected .* ends in \{usual}"):
        resolve_format(path, named)


def test_files_beside() -> None:
    assert files_beside("x/cup.txt", FORMATS["yolo"]) == ["x/cup.classes.txt"]
    assert files_beside("cup.png", FORMATS["png"]) == []


def test_the_table_needs_neither_numpy_nor_pillow() -> None:
    code = "import sys, biprompt.io.formats; sys.exit({'numpy', 'PIL'} & set(sys.modules) != set())"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_the_documentation_names_every_format() -> None:
    page = Path(__file__).parents[3].joinpath("docs/formats.md").read_text()
    rows = [line.split("|")[1].strip(" `") for line in page.splitlines() if line.startswith("| `")]
    assert rows == list(FORMATS)
