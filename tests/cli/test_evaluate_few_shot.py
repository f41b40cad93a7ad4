"""`biprompt evaluate few-shot`, from the command line to the reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.readers.conftest import Disk
from tests.evaluation.few_shot.birds import named, shown, write

from biprompt.masks import rle_encode

Run = Callable[..., Any]
COMMAND = ("evaluate", "few-shot")
LOAD = "biprompt.evaluation.model.load_contender"


@pytest.fixture
def data(folder: Path) -> Path:
    return write(Disk(folder / "pascal"))


def test_examples(run: Run, data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOAD, lambda *names: shown())
    given = (*COMMAND, "--data", data, "--split", "fold0,fold3", "--shots", "1,2", "--out", "out")
    done = run(*given, "--limit", 2)
    assert done.status == 0 and "`first two` over 8 episodes" in done.err
    name = "few-shot-pascal-5i-fold0-fold3-shots1-shots2"
    assert done.out.split() == [f"out/{name}.{kind}" for kind in ("md", "json", "html")]
    report = json.loads((folder / f"out/{name}.json").read_text())
    found = report["results"]["first two"]["shots"]
    assert list(found) == ["1", "2"] and list(found["1"]["folds"]) == ["fold0", "fold3"]
    assert found["1"]["folds"]["fold3"]["episodes"] == 2
    assert list(report["results"])[1:] == [
        "examples' mask at its place", "examples' mask in the middle", "whole image",
    ]  # fmt: skip


def test_names(run: Run, data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOAD, lambda *names: named())
    done = run(*COMMAND, "--data", data, "--told", "name", "--limit", 1, "--out", "out")
    assert done.status == 0
    report = json.loads((folder / "out/few-shot-pascal-5i-name.json").read_text())
    assert report["settings"]["told"] == "name" and report["settings"]["shots"] == [0]


def test_fss_1000(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOAD, lambda *names: shown())
    disk = Disk(folder / "fss")
    for number in (1, 2):
        disk.photo(f"FSS-1000/ab_wheel/{number}.jpg", (1, 4))
        disk.grey(f"FSS-1000/ab_wheel/{number}.png", [[255, 255, 0, 0]])
    disk.text("splits/fss/test.txt", "ab_wheel\n")
    given = (*COMMAND, "--data", disk.root, "--dataset", "fss-1000", "--shots", 1, "--out", "out")
    assert run(*given).status == 0
    text = (folder / "out/few-shot-fss-1000-shots1.md").read_text()
    assert "1-shot mIoU 100.0" in text and "survey, Table 7, FSS-1000" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--shots", "1"], "examples: expected a model that takes example images; `--told name`"),
        (["--shots", "one"], "--shots: expected whole numbers, got one"),
        (["--shots", "0"], "--shots: expected 1 or more, got 0"),
        (["--shots", "9"], "at least 9 other images of aeroplane"),
        (["--told", "name", "--shots", "1"], "--shots: expected none, as names are told"),
        (["--told", "words"], "told: expected examples, name, got words"),
        (["--split", "fold4"], "fold0, fold1, fold2, fold3, got fold4"),
        (["--dataset", "sbd"], "data set: expected one of pascal-5i, coco-20i, fss-1000"),
        (["--dataset", "coco-20i"], "biprompt data where coco-20i"),
    ],
)
def test_bad_input_is_one_line(
    run: Run,
    data: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr(LOAD, lambda *names: named())
    done = run(*COMMAND, "--data", data, "--out", "out", *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not list((folder / "out").glob("*.md"))


def test_folder_in_coco_layout(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOAD, lambda *names: shown())
    disk = Disk(folder / "photos")
    mask = rle_encode(np.array([[True, True, False, False]]))
    things = [
        {"id": i, "image_id": i, "category_id": 1, "segmentation": mask, "area": 2,
         "bbox": [0, 0, 2, 1], "iscrowd": 0}
        for i in (1, 2)
    ]  # fmt: skip
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 1, "width": 4} for i in (1, 2)]
    kinds = [{"id": 1, "name": "bird"}]
    disk.json("instances.json", {"images": images, "categories": kinds, "annotations": things})
    for number in (1, 2):
        disk.photo(f"images/{number}.jpg", (1, 4))
    given = (*COMMAND, "--data", disk.root, "--dataset", "coco-folder-episodes", "--out", "out")
    assert run(*given).status == 0
    text = (folder / "out/few-shot-photos.md").read_text()
    assert "1-shot mIoU 100.0" in text and "5-shot mIoU 100.0" in text
    assert "Every image of every class is a query once" in text
