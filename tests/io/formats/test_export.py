"""From masks to files: names, archives, what was lost, and how long it takes."""

from __future__ import annotations

import time
import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import InputError, OutputError
from biprompt.io.formats import FORMATS
from biprompt.io.formats.export import download, export
from biprompt.io.formats.objects import LabelledImage, LabelledMask

MASK = np.array([[True, False], [True, True]])


def image(*labels: str, name: str = "photos/kitchen.jpg") -> LabelledImage:
    things = tuple(LabelledMask.of(MASK, label) for label in labels)
    return LabelledImage(name, (2, 2), things, np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("labels", [(), ("cup",), ("cup", "dish")])
def test_every_format_takes_any_number_of_objects(format: str, labels: tuple[str, ...]) -> None:
    found = download(image(*labels), format)
    several = format == "yolo" or (format == "png" and len(labels) > 1)
    assert found.name == f"kitchen{'.zip' if several else FORMATS[format].suffix}"
    assert found.media_type == ("application/zip" if several else FORMATS[format].media_type)
    assert found.lost.isascii() and found.data
    assert download(image(*labels), format) == found


def test_one_file_for_each_mask() -> None:
    found = download(image("cup", "../x", "cup", "\N{CUP WITH STRAW}"), "png")
    with zipfile.ZipFile(BytesIO(found.data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "kitchen-1-cup.png", "kitchen-2-x.png", "kitchen-3-cup.png", "kitchen-4-object.png",
        ]  # fmt: skip
        for name in archive.namelist():
            with Image.open(BytesIO(archive.read(name))) as picture:
                assert np.array_equal(np.asarray(picture) > 0, MASK)
    assert found.lost == "Labels are in the file names only."


def test_no_object_is_one_empty_mask() -> None:
    found = download(image(), "png")
    with Image.open(BytesIO(found.data)) as picture:
        assert picture.size == (2, 2) and not np.asarray(picture).any()
    assert found.lost == ""


def test_the_archive_of_labels_and_classes() -> None:
    with zipfile.ZipFile(BytesIO(download(image("cup"), "yolo").data)) as archive:
        assert archive.namelist() == ["kitchen.txt", "kitchen.classes.txt"]


def test_what_a_tolerance_may_lose() -> None:
    assert export(image("cup"), "geojson", 0.4).lost == ()
    assert export(image("cup"), "geojson", 1.5).lost == ("Outlines moved by up to 1.5 pixels.",)


def test_wrong_input() -> None:
    with pytest.raises(OutputError, match="geojson, got 'gif'"):
        export(image("cup"), "gif")
    with pytest.raises(InputError, match="0 for the format coco, which has no outlines"):
        export(image("cup"), "coco", 1.0)
    with pytest.raises(InputError, match="tolerance"):
        export(image("cup"), "geojson", -1.0)


def ragged(hw: tuple[int, int]) -> np.ndarray:
    """A large disk with a frayed edge and a hole: more than 10,000 pixels on its outline."""
    rows, columns = np.ogrid[: hw[0], : hw[1]]
    y, x = rows - hw[0] / 2, columns - hw[1] / 2
    away, angle = np.hypot(y, x), np.arctan2(y, x)
    return (away < (0.42 + 0.03 * np.sin(40 * angle)) * hw[0]) & (away > 0.1 * hw[0])


@pytest.mark.parametrize("format", ["coco", "yolo", "labelme", "geojson"])
def test_a_large_mask_is_written_quickly(format: str) -> None:
    found = LabelledImage("a.jpg", (3000, 4000), (LabelledMask.of(ragged((3000, 4000))),))
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        export(found, format)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 1.0
