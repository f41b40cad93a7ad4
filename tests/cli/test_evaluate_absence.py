"""`biprompt evaluate absence`, from the command line to the reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.evaluation.baselines import Painted, whole_image
from biprompt.evaluation.model import Contender
from biprompt.masks import rle_encode

Run = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A cup in every second of thirty photographs, a dog in none."""
    mask = np.zeros((20, 30), bool)
    mask[5:15, 6:18] = True
    images = tmp_path / "things-train" / "images"
    images.mkdir(parents=True)
    numbers = range(1, 31)
    document: dict[str, Any] = {
        "images": [{"id": n, "file_name": f"{n}.png", "height": 20, "width": 30} for n in numbers],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "segmentation": rle_encode(mask)}
            for n in numbers[::2]
        ],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "dog"}],
    }
    for number in numbers:
        Image.new("RGB", (30, 20)).save(images / f"{number}.png")
    (images.parent / "instances.json").write_text(json.dumps(document))
    return images.parent


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    contender = Contender("painted", "1", Painted("painted", whole_image))
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: contender)


def measured(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results" / f"absence-{name}.json").read_text())
    return found


def test_writes_the_reports_of_what_is_kept_out_of_training(
    run: Run, data: Path, folder: Path
) -> None:
    given = ("evaluate", "absence", "--data", data, "--out", "results")
    done = run(*given)
    assert (done.status, "error" in done.err) == (0, False)
    assert done.out.split() == [
        f"results/absence-things-train-validation.{kind}" for kind in ("md", "json", "html")
    ]
    kept = measured(folder, "things-train-validation")
    assert kept["settings"]["validation_only"] is True
    assert list(kept["results"]) == ["painted", "always found", "always absent"]
    assert 0 < kept["results"]["painted"]["photographs"] < 15
    again = run(*given)
    assert again.status == 2 and "an existing file" in again.err


def test_all_photographs_and_a_few(run: Run, data: Path, folder: Path) -> None:
    given = ("evaluate", "absence", "--data", data, "--out", "results", "--all")
    assert run(*given).status == 0
    every = measured(folder, "things-train")
    assert every["results"]["painted"]["photographs"] == 30
    assert (every["results"]["painted"]["present"], every["results"]["painted"]["absent"]) == (
        15,
        45,
    )
    assert run(*given, "--limit", 4, "--force", "--template", "a {}").status == 0
    few = measured(folder, "things-train")
    assert few["results"]["painted"]["photographs"] == 4
    assert few["settings"]["template"] == "a {}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--template", "thing"], 'template: expected text with one "{}" for the name, got thing'),
        (["--dataset", "davis"], "data set: expected one that tells what is not there: ade20k, "),
        (["--split", "val"], "split of coco-folder: expected all, got val"),
        (["--processes", "0"], "--processes"),
    ],
)
def test_bad_input_is_one_line(
    run: Run, data: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "absence", "--data", data, *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()
