"""`biprompt automatic`: what it writes, prints and ends with. The model is a fake."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from biprompt.io.formats.coco import parse_coco
from biprompt.io.images import load_image
from biprompt.masks import rle_encode
from biprompt.results.objects import FoundObject, Objects
from biprompt.segmenter.automatic import Automatic


class FakeFinder:
    """Finds two rectangles, the first of them named where a class list is given."""

    def __init__(self) -> None:
        self.settings: Automatic | None = None
        self.classes: Any = None
        self.nothing = False

    def automatic(self, image, *, settings, classes, told) -> Objects:
        self.settings, self.classes = settings, classes
        loaded = load_image(image)
        told(settings.grid**2, settings.grid**2)
        found = []
        for place in range(0 if self.nothing else 2):
            mask = np.zeros(loaded.hw, bool)
            mask[10 : 30 + 40 * place, 20:60] = True
            whole = (0, 0, loaded.hw[1], loaded.hw[0])
            found.append(FoundObject(rle_encode(mask), 0.9, 0.8, (30.0, 20.0), whole))
        if classes is not None and found:
            found[0] = replace(found[0], label=classes[0].name, share=1.0)
        return Objects(
            tuple(found), loaded.hw, "fake", "as drawn", loaded.path, loaded.pixels, {"masks": 1.0}
        )


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> FakeFinder:
    made = FakeFinder()
    monkeypatch.setattr("biprompt.load", lambda model, **options: made)
    return made


def test_masks_go_to_a_file_and_names_with_them(run, folder, finder, photo):
    result = run(
        "automatic", photo, "--classes", "cat; dog", "-o", "all.json", "--overlay", "o.png"
    )
    assert (result.status, result.err) == (0, "")
    (image,) = parse_coco((folder / "all.json").read_bytes())
    assert sorted(thing.label for thing in image.objects) == ["cat", "object"]
    assert (folder / "o.png").stat().st_size > 1000
    assert "cat: 1" in result.out and "all.json" in result.out and "o.png" in result.out
    assert [each.name for each in finder.classes] == ["cat", "dog"]


def test_options_reach_the_model(run, folder, finder, photo):
    run(
        "automatic", photo, "--grid", "9", "--layers", "2", "--least-iou", "0.3", "--stability",
        "0.6", "--overlap", "0.8", "--smallest", "7", "--granularity", "part", "--most", "11",
    )  # fmt: skip
    assert finder.settings == Automatic(
        grid=9, layers=2, predicted_iou=0.3, stability=0.6, overlap=0.8, smallest=7,
        granularity="part", most=11,
    )  # fmt: skip
    assert finder.classes is None


def test_options_left_out_are_the_settings_of_the_library(run, folder, finder, photo):
    result = run("automatic", photo)
    assert finder.settings == Automatic()
    assert "nothing was written" in result.out


def test_json_is_one_object_and_nothing_else(run, folder, finder, photo):
    result = run("automatic", photo, "--json")
    told = json.loads(result.out)
    assert result.out.count("\n") == 1 and result.err == ""
    assert told["image"] == {"path": str(photo), "height": 300, "width": 451}
    assert [each["area"] for each in told["objects"]] == [20 * 40, 60 * 40]


def test_nothing_found_is_an_honest_no(run, folder, finder, photo):
    finder.nothing = True
    result = run("automatic", photo, "-o", "all.json")
    assert result.status == 3
    (image,) = parse_coco((folder / "all.json").read_bytes())
    assert image.objects == ()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--grid", "0"], "grid: expected a whole number from 1 to 128, got 0"),
        (["--least-iou", "2"], "predicted_iou: expected a number from 0 to 1, got 2.0"),
        (["--granularity", "half"], "--granularity"),
        (["--classes", "cat; cat"], "cat"),
        (["--classes", "cat", "--classes", "dog"], "--classes: expected it once, got 2 times"),
        (["-o", "all.xyz"], "file suffix"),
        (["--format", "coco"], "expected -o FILE to go with it"),
        (["--overlay", "o.jpg"], "ends in .png"),
    ],
)
def test_wrong_input_is_one_line_and_nothing_is_looked_at(
    run, folder, finder, photo, arguments, said
):
    result = run("automatic", photo, *arguments)
    assert result.status == 2 and result.out == ""
    assert said in result.err and result.err.count("\n") == 1
    assert finder.settings is None and list(folder.iterdir()) == []


def test_no_file_is_replaced_without_being_told(run, folder, finder, photo):
    (folder / "all.json").write_text("mine")
    assert run("automatic", photo, "-o", "all.json").status == 2
    assert (folder / "all.json").read_text() == "mine"
    assert run("automatic", photo, "-o", "all.json", "--force").status == 0
    assert (folder / "all.json").read_text() != "mine"
