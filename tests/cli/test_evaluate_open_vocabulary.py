"""`biprompt evaluate open-vocabulary`, from the command line to the reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.data.readers.conftest import Disk
from tests.evaluation.guessing import guessing
from tests.evaluation.open_vocabulary.colours import write

Run = Callable[..., Any]
COMMAND = ("evaluate", "open-vocabulary")


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: guessing())


@pytest.fixture
def voc(folder: Path) -> Path:
    return write(Disk(folder / "voc"))


@pytest.fixture
def photos(folder: Path) -> Path:
    """A photograph with a cup, and one with nothing."""
    root = folder / "photos"
    (root / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        Image.new("RGB", (12, 8)).save(root / "images" / name)
    document = {
        "images": [
            {"id": i, "file_name": f"{name}.png", "height": 8, "width": 12}
            for i, name in ((1, "a"), (2, "b"))
        ],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[0, 0, 6, 0, 6, 4, 0, 4]]}
        ],
    }
    (root / "instances.json").write_text(json.dumps(document))
    return root


def test_a_data_set_with_a_background(run: Run, voc: Path, folder: Path) -> None:
    (folder / "unseen.txt").write_text("sheep\n\nbird\n")
    given = (*COMMAND, "--data", voc, "--dataset", "pascal-voc", "--out", "results")
    done = run(*given, "--unseen-file", "unseen.txt")
    assert (done.status, "error" in done.err) == (0, False)
    assert done.out.split() == [
        f"results/open-vocabulary-pascal-voc-val.{kind}" for kind in ("md", "json", "html")
    ]
    report = json.loads((folder / "results/open-vocabulary-pascal-voc-val.json").read_text())
    assert report["settings"]["unseen"] == ["bird", "sheep"]
    assert list(report["results"]) == ["guessing", "always absent"]
    assert report["results"]["guessing"]["photographs"] == 2
    again = run(*given)
    assert again.status == 2 and "an existing file" in again.err


def test_a_labelled_folder_says_what_is_not_labelled(run: Run, photos: Path, folder: Path) -> None:
    done = run(*COMMAND, "--data", photos, "--unseen", "dog", "--out", "results")
    assert done.status == 0
    text = (folder / "results/open-vocabulary-photos.md").read_text()
    assert "Not every pixel of this set is labelled." in text
    assert "No published table" in text
    report = json.loads((folder / "results/open-vocabulary-photos.json").read_text())
    assert report["settings"]["asked"] == ["cup", "dog"]
    truth = report["results"]["always absent"]["by_class"]
    assert (truth["cup"]["pixels"], truth["background"]["pixels"]) == (24, 2 * 96 - 24)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unseen", "unicorn"], "unseen: expected classes of the set, such as cup, dog"),
        (["--unseen", "cup,dog"], "unseen: expected some of the classes, got all of them"),
        (["--unseen", "standard"], "unseen: expected names of classes, as only pascal-voc"),
        (["--unseen-file", "none.txt"], "none.txt: unseen: expected a text file"),
        (["--unseen", "cup", "--unseen-file", "x"], "--unseen-file: expected no --unseen"),
        (["--ignore-background"], "--ignore-background: expected a set with a class for the"),
        (["--template", "thing"], 'template: expected text with one "{}"'),
        (["--dataset", "flare22"], "data set: expected one with classes: ade20k"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_bad_input_is_one_line(
    run: Run, photos: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run(*COMMAND, "--data", photos, "--out", "out", *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not list((folder / "out").glob("*.md"))
