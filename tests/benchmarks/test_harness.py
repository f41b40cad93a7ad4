"""The harness's benchmark on a handful of rectangles: both ways must agree, or it says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.moved import CLICKS
from benchmarks.timing import gather
from PIL import Image

from benchmarks import harness, naive
from biprompt.masks import rle_encode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three objects, one of them without a pixel."""
    images = tmp_path / "things" / "images"
    images.mkdir(parents=True)
    document: dict[str, Any] = {"images": [], "annotations": []}
    document["categories"] = [{"id": 1, "name": "thing"}]
    for number, box in enumerate([(5, 6, 25, 38), (2, 2, 2, 2), (12, 1, 39, 20)], start=1):
        mask = np.zeros((40, 50), bool)
        mask[box[0] : box[2], box[1] : box[3]] = True
        Image.new("RGB", (50, 40)).save(images / f"{number}.png")
        size = {"id": number, "file_name": f"{number}.png", "height": 40, "width": 50}
        thing = {"id": number, "image_id": number, "category_id": 1}
        document["images"].append(size)
        document["annotations"].append(thing | {"segmentation": rle_encode(mask)})
    (images.parent / "instances.json").write_text(json.dumps(document))
    return images.parent


@pytest.fixture(autouse=True)
def any_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "_stay_on_one_core", lambda: None)


def test_measures_and_agrees(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "harness.json"
    assert harness.main(["--data", str(folder), "--repeat", "1", "--json", str(out)]) == 0
    told = capsys.readouterr().out
    assert "| 20 clicks | 2 |" in told and "both ways are the same" in told
    report = json.loads(out.read_text())
    beside = [speed for speed in report["speeds"] if speed["ratio"] is not None]
    assert report["same"] is True and len(beside) == 2
    for speed in report["speeds"]:
        assert speed["objects_per_second"] > 0 and len(speed["seconds"]["values"]) == 1


def test_without_masks_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert harness.main(["--data", str(tmp_path / "nowhere")]) == 0
    assert "nothing measured, there are no masks at" in capsys.readouterr().out


def test_a_wrong_folder_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert harness.main(["--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("harness: ")


def test_what_differs_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = harness.pairs(folder)
    assert harness.agree(pairs)
    monkeypatch.setattr(naive, "iou", lambda truth, answer: 0.5)
    assert not harness.agree(pairs)


def test_the_instant_model_never_stands_still(folder: Path) -> None:
    (first, second) = [model for _, model in harness.pairs(folder)]
    for model in (first, second):
        answers = [model.after(k) for k in range(1, CLICKS + 1)]
        ious = [naive.iou(model.truth, answer) for answer in answers]
        assert ious == sorted(ious) and ious[-1] < 1
        assert all(answer.shape == model.truth.shape for answer in answers)
    (clicks, ious) = naive.click(first.truth, first.after, CLICKS)
    assert len(clicks) == len(ious) == CLICKS


def test_a_speed_is_of_the_median() -> None:
    speed = harness.Speed("x", 30, gather([2.0, 3.0, 10.0]), gather([30.0]), 5.0)
    assert speed.per_second == 10 and speed.ratio == 10
    assert harness._cells(speed) == ["x", "30", "10", "5", "1", "10 x"]
