"""`biprompt evaluate interactive`, from official layouts to reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.evaluation.baselines import Painted, disks
from biprompt.evaluation.model import Contender

Run = Callable[..., Any]
HW = (40, 50)


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    contender = Contender("painted", "1", Painted("painted", disks))
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: contender)


def write(root: Path, images: str, masks: str, values: dict[str, np.ndarray]) -> Path:
    for name, mask in values.items():
        for folder in (images, masks):
            (root / folder).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", mask.shape[::-1], "gray").save(root / images / f"{name}.jpg")
        Image.fromarray(mask).save(root / masks / f"{name}.png")
    return root


def rectangle(value: int = 255) -> np.ndarray:
    mask = np.zeros(HW, np.uint8)
    mask[10:30, 12:36] = value
    return mask


@pytest.fixture
def davis(tmp_path: Path) -> Path:
    """Two frames with an object, one where it has left."""
    frames = {"bear_00001": rectangle(), "bear_00002": rectangle(0), "bmx_00003": rectangle(38)}
    return write(tmp_path / "DAVIS", "img", "gt", frames)


@pytest.fixture
def grabcut(tmp_path: Path) -> Path:
    """A band of 128 round the object, as wide as makes the disk of the first click right."""
    mask = rectangle()
    rows, columns = np.mgrid[: HW[0], : HW[1]]
    for row in (19, 20):
        disk = (columns - 23) ** 2 + (rows - row) ** 2 <= (HW[0] / 6) ** 2
        mask[disk ^ (mask == 255)] = 128
    return write(tmp_path / "GrabCut", "data_GT", "boundary_GT", {"person": mask})


def numbers(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"interactive-{name}.json").read_text())
    return found


def test_davis_with_a_frame_to_leave_out(run: Run, davis: Path, folder: Path) -> None:
    given = ("evaluate", "interactive", "--data", davis, "--dataset", "davis", "--out", "results")
    done = run(*given)
    assert (done.status, "error" in done.err) == (0, False)
    files = [f"results/interactive-davis-test.{kind}" for kind in ("md", "json", "html")]
    assert done.out.split() == files
    found = numbers(folder / "results", "davis-test")["results"]["painted"]
    assert (found["objects"], found["left_out"]) == (2, 1)
    page = (folder / files[0]).read_text()
    assert "1 objects have no pixel to click on and are left out." in page
    assert "Columns of DAVIS are of the same data" in page and "2 objects instead of 345" in page
    again = run(*given)
    assert again.status == 2 and "an existing file" in again.err
    assert run(*given, "--force", "--limit", 1, "--max-clicks", 2).status == 0
    assert "first 1 objects of each set: a trial" in (folder / files[0]).read_text()


def test_grabcut_skips_the_band(run: Run, grabcut: Path, folder: Path) -> None:
    done = run("evaluate", "interactive", "--data", grabcut, "--dataset", "grabcut", "-o", "x")
    assert (done.status, "error" in done.err) == (0, False)
    found = numbers(folder / "x", "grabcut-test")["results"]["painted"]
    assert found["iou"]["1"]["mean"] == 1.0 and found["noc"]["95"]["mean"] == 1.0


def test_jittered_clicks_hang_on_the_seed(run: Run, davis: Path, folder: Path) -> None:
    given = ("evaluate", "interactive", "--data", davis, "--dataset", "davis")
    jittered = (*given, "--clicks", "jittered", "--max-clicks", 6)
    for out, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run(*jittered, "--seed", seed, "-o", out).status == 0
    a, b, c = (numbers(folder / out, "davis-test-jittered") for out in "abc")
    assert a["results"] == b["results"] and a["results"]["painted"] != c["results"]["painted"]
    assert a["settings"]["clicks"] == "jittered" and a["settings"]["seed"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clicks", "nod"], "--clicks"),
        (["--max-clicks", "0"], "--max-clicks"),
        (["--max-clicks", "1001"], "clicks: expected from 1 to 1000, got 1001"),
        (["--clicks", "jittered", "--seed", "-1"], "seed: expected 0 or more, got -1"),
        (["--dataset", "refcoco"], "data set: expected one of "),
        (["--dataset", "davis", "--split", "val"], "split"),
        (["--dataset", "berkeley"], "images"),
        ([], "instances.json"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    run: Run, davis: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "interactive", "--data", davis, *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()


def test_help_has_examples(run: Run) -> None:
    done = run("evaluate", "interactive", "--help")
    assert done.status == 0 and "biprompt evaluate interactive --data SBD" in done.out
    assert run("evaluate", "interactive").status == 2
