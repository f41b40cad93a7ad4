from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A model that sees colours, and data in colour."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "evaluation" / "biprompt")
    import seeing

    monkeypatch.setattr(
        "biprompt.evaluation.model.load_contender", lambda *names: seeing.load_seeing()
    )
    return seeing


@pytest.fixture
def data(see: Any, tmp_path: Path) -> Path:
    photos = {"a.png": [("cup", (10, 10, 30, 30))], "b.png": [("dog", (10, 10, 40, 30))]}
    root: Path = see.folder(tmp_path / "photos", photos)
    return root


def test_a_folder(run: Run, data: Path, folder: Path) -> None:
    given = ("evaluate", "biprompt", "--data", data, "--out", "results", "--points", "edge,centre")
    done = run(*given, "--templates", "{},a {}", "--weights-grid", "0.5", "--seed", "3")
    assert (done.status, "error" in done.err) == (0, False)
    assert done.out.split() == [
        f"results/biprompt-photos.{kind}" for kind in ("md", "json", "html")
    ]
    page = (folder / "results" / "biprompt-photos.md").read_text()
    assert "The main point is `edge`" in page and "| `a {}` |" in page and "surgery {}" not in page
    assert "| 0, 0.5, 0.5 |" in page and "0.25" not in page and "By class and frame" not in page
    again = run(*given)
    assert again.status == 2 and "an existing file" in again.err
    (folder / "words.txt").write_text("the {}\nred, white {}\n")
    assert run(*given, "--force", "--templates", "words.txt", "--by-class").status == 0
    page = (folder / "results" / "biprompt-photos.md").read_text()
    assert "| `red, white {}` |" in page and "## By class and frame" in page


def test_all_is_asked_when_nothing_is_said(run: Run, data: Path, folder: Path) -> None:
    assert run("evaluate", "biprompt", "--data", data, "--out", ".", "--limit", 1).status == 0
    page = (folder / "biprompt-photos.md").read_text()
    for shown in ("| jittered |", "| `surgery tools` |", "| `object` |", "| 0.25, 0.25, 0.5 |"):
        assert shown in page


def test_endovis17_is_joined_by_class(run: Run, see: Any, folder: Path) -> None:
    root = see.endovis(folder / "endovis")
    given = ("--dataset", "endovis17-objects", "--split", "fold0", "--points", "centre")
    done = run("evaluate", "biprompt", "--data", root, *given, "--templates", "{}", "--out", "out")
    assert (done.status, "error" in done.err) == (0, False)
    page = (folder / "out" / "biprompt-endovis17-objects-fold0.md").read_text()
    assert "## By class and frame" in page and "| prograsp forceps | 1 | 1.000 |" in page


def test_refcoco(run: Run, see: Any, folder: Path) -> None:
    root = see.refcoco(folder / "refcoco")
    done = run("evaluate", "biprompt", "--data", root, "--dataset", "refcoco", "--out", "out")
    assert (done.status, "error" in done.err) == (0, False)
    assert "cIoU, refcoco-val" in (folder / "out" / "biprompt-refcoco-val.md").read_text()


def test_objects_without_names(run: Run, see: Any, folder: Path) -> None:
    see.paint(folder / "img" / "a.png", {(1, 1, 9, 9): 200})
    see.paint(folder / "gt" / "a.png", {(1, 1, 9, 9): 255})
    done = run("evaluate", "biprompt", "--data", folder, "--dataset", "davis", "--out", "out")
    assert done.status == 2 and done.out == "" and done.err.count("\n") == 1
    assert "a.png: label of object a#1: expected a name, as its words are asked" in done.err
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--points", "nod"], "points: expected some of centre, random, jittered, edge, got nod"),
        (["--points", "edge", "--points", "centre"], "--points: expected it once"),
        (["--templates", "{x}"], "template: expected words"),
        (["--templates", "{}", "--templates", "a {}"], "--templates: expected it once"),
        (["--weights-grid", "0.3"], "step of the weights: expected 1 divided by a whole number"),
        (["--seed", "-1"], "seed: expected 0 or more"),
        (["--dataset", "flare22"], "data set: expected one of"),
        (["--dataset", "refcoco", "--by-class"], "by class: expected data of named objects"),
    ],
)
def test_bad_input_is_one_line(
    run: Run, data: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "biprompt", "--data", data, *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()
