from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.cli.evaluate import common
from biprompt.cli.evaluate.running import headline
from biprompt.cli.progress import Progress
from biprompt.evaluation.baselines import Painted, disks
from biprompt.evaluation.model import Contender
from biprompt.masks import rle_encode

Run = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three objects in GrabCut's place."""
    mask = np.zeros((40, 50), bool)
    mask[10:30, 12:36] = True
    images = tmp_path / "data" / "grabcut-test" / "images"
    images.mkdir(parents=True)
    document: dict[str, Any] = {"images": [], "annotations": [], "categories": []}
    document["categories"].append({"id": 1, "name": "object"})
    for number in (1, 2, 3):
        Image.new("RGB", (50, 40)).save(images / f"{number}.png")
        size = {"id": number, "file_name": f"{number}.png", "height": 40, "width": 50}
        thing = {"id": number, "image_id": number, "category_id": 1}
        document["images"].append(size)
        document["annotations"].append(thing | {"segmentation": rle_encode(mask)})
    (images.parent / "instances.json").write_text(json.dumps(document))
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    contender = Contender("painted", "1", Painted("painted", disks))
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: contender)


def test_writes_the_reports_and_says_where(run: Run, data: Path, folder: Path) -> None:
    given = ("evaluate", "accuracy", "--data", data, "--sets", "grabcut", "--out", "results")
    done = run(*given)
    assert done.status == 0 and done.err.startswith("Each row is one number of a report")
    assert done.out.split() == [f"results/accuracy.{kind}" for kind in ("md", "json", "html")]
    assert "GrabCut, NoC@90" in (folder / "results" / "accuracy.md").read_text()
    again = run(*given)
    assert again.status == 2 and "an existing file" in again.err
    assert run(*given, "--force", "--limit", 1).status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sets", "davis"], "set: expected one of grabcut, berkeley, mval, absence, got davis"),
        (["--sets", "mval"], "coco-mval-test: data folder: expected it to be there"),
        (["--sets", "mval", "--sets", "grabcut"], "--sets: expected it once"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    run: Run, data: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "accuracy", "--data", data, *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()


def test_without_data_or_command_the_help_is_named(run: Run) -> None:
    for arguments in (["evaluate"], ["evaluate", "accuracy"]):
        done = run(*arguments)
        assert done.status == 2 and "--help" in done.err


def test_logs_now_and_then_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 31.0, 40.0, 62.0])
    monkeypatch.setattr(common.time, "monotonic", lambda: next(clock, 99.0))
    progress = Progress.__new__(Progress)
    monkeypatch.setattr(progress, "step", lambda text: None, raising=False)
    reporter = common.Reporter(progress)
    for done in range(4):
        reporter("grabcut, compact", done, 50)
    assert capsys.readouterr().err == "grabcut, compact: 1 of 50\ngrabcut, compact: 3 of 50\n"


def test_composition_of_a_folder(run: Run, data: Path, folder: Path) -> None:
    given = ("evaluate", "composition", "--data", data / "grabcut-test", "--out", "results")
    done = run(*given, "--prompts", "click,box")
    assert done.status == 0 and done.err.startswith("Several prompts are at least as good")
    assert done.out.split() == [
        f"results/composition-grabcut-test.{kind}" for kind in ("md", "json", "html")
    ]
    page = (folder / "results" / "composition-grabcut-test.md").read_text()
    assert "| click + box | 100.0 % | 0 | 3 | 0 |" in page and "scribble |" not in page
    again = run(*given, "--prompts", "click,box")
    assert again.status == 2 and "an existing file" in again.err
    assert run(*given, "--force", "--limit", 1).status == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--prompts", "click"], "kinds of prompts: expected two or more of click, box, text"),
        (["--prompts", "click,nod"], "kinds of prompts: expected two or more of click, box, text"),
        (["--prompts", "click,box", "--prompts", "text"], "--prompts: expected it once"),
        (["--processes", "0"], "--processes"),
    ],
)
def test_bad_composition_is_one_line(
    run: Run, data: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "composition", "--data", data / "grabcut-test", *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()


def test_published_tables(run: Run) -> None:
    every, organs = (
        run("evaluate", "published"),
        run("evaluate", "published", "--protocol", "organs"),
    )
    assert every.status == organs.status == 0
    assert len(every.out) > len(organs.out) and "Table III" in organs.out
    beside = run("evaluate", "published", "--protocol", "referring", "--given", "oracle click,text")
    assert "| told less |" in beside.out and "| told the same |" in beside.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--protocol", "nod"], "--protocol: expected one of biprompt, few-shot, interactive"),
        (["--given", "nod"], "--given: expected one of oracle click, oracle clicks"),
    ],
)
def test_unknown_published_tables(run: Run, arguments: list[str], message: str) -> None:
    done = run("evaluate", "published", *arguments)
    assert done.status == 2 and message in done.err and done.err.count("\n") == 1


def test_the_main_numbers_are_the_first_paragraph() -> None:
    report = "# Clicks\n\n- measured today\n\nNoC@90 is 2.30,\nof 50 objects.\n\nMore.\n"
    assert headline(report) == "NoC@90 is 2.30, of 50 objects."
    assert headline("# Only a title\n\n| a |\n| - |\n") == ""
