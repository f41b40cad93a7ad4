"""`biprompt evaluate organs`, from the command line to the reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.evaluation.organs.phantoms import anatomist, write

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: anatomist())


def test_writes_the_reports(run: Run, folder: Path) -> None:
    given = ("evaluate", "organs", "--data", write(folder / "flare"), "--out", "results")
    done = run(*given, "--every", 2, "--question", "the {organ}")
    assert (done.status, "error" in done.err) == (0, False)
    assert done.out.split() == [
        f"results/organs-flare22-train.{kind}" for kind in ("md", "json", "html")
    ]
    report = json.loads((folder / "results/organs-flare22-train.json").read_text())
    assert list(report["results"]) == ["anatomist", "always found", "always absent"]
    assert report["settings"]["questions"]["liver"] == "the liver"
    assert report["results"]["anatomist"]["slices"] == 2
    assert report["results"]["always absent"]["n_acc"]["value"] == 1
    again = run(*given)
    assert again.status == 2 and "an existing file" in again.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--told", "text"], "told: expected question, click, box, got text"),
        (["--question", "liver"], 'or text with one "{organ}", got liver'),
        (["--told", "box", "--question", "where"], "question: expected none, as a box is told"),
        (["--dataset", "grabcut"], "data set: expected one of flare22, got grabcut"),
        (["--split", "val"], "train"),
        (["--every", "0"], "--every"),
    ],
)
def test_bad_input_is_one_line(run: Run, folder: Path, arguments: list[str], message: str) -> None:
    root = write(folder / "flare")
    done = run("evaluate", "organs", "--data", root, "--out", "out", *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not list((folder / "out").glob("*.md"))


def test_a_damaged_volume_is_one_line(run: Run, folder: Path) -> None:
    root = write(folder / "flare")
    (root / "images/b_0000.nii.gz").write_bytes(b"no volume")
    done = run("evaluate", "organs", "--data", root, "--out", "out")
    assert done.status == 2 and done.err.count("\n") == 1
    assert "b_0000.nii.gz: volume: expected a NIfTI file" in done.err
