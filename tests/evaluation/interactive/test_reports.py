"""A whole run: stopped and resumed, alone and shared, always the same bytes; and what it says."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.data.readers.registry import Kind
from biprompt.evaluation.baselines import DISK, GRABCUT, WHOLE, Painted, disks
from biprompt.evaluation.interactive import Clicking, Interactive
from biprompt.evaluation.model import Contender
from biprompt.evaluation.run import THIS_PROCESS, How, evaluate
from biprompt.evaluation.runs import RECORDS
from biprompt.evaluation.samples import open_samples

LOAD = partial(Contender, "model", "1", Painted("model", disks))
JITTERED = Clicking("jittered", 5, 3)


def click(
    root: Path, out: Path, how: How = THIS_PROCESS, clicking: Clicking = JITTERED
) -> tuple[Path, ...]:
    opened = open_samples(root, kinds=(Kind.INTERACTIVE,))
    return evaluate(Interactive(opened.data, opened.samples, clicking), LOAD, out, how)


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def report(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "interactive-photos-jittered.json").read_text())
    return found


def measured(out: Path) -> dict[str, Any]:
    return {key: value for key, value in report(out).items() if key != "run"}


@pytest.fixture
def without_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)


def test_stopped_and_resumed_gives_the_same_bytes(
    dataset: CocoDataset, tmp_path: Path, without_opencv: None
) -> None:
    click(dataset.root, tmp_path / "whole")
    stops = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal stops
        stops += 1
        if stops % 5 == 0:  # three contenders report once each before anything is measured
            raise KeyboardInterrupt

    for _ in range(20):
        try:
            click(dataset.root, tmp_path / "parts", How(progress=stop))
            break
        except KeyboardInterrupt:
            assert not (tmp_path / "parts" / "interactive-photos-jittered.md").exists()
    assert stops > 3 * (1 + 4)  # what one uninterrupted run reports
    assert records(tmp_path / "parts") == records(tmp_path / "whole")
    assert measured(tmp_path / "parts") == measured(tmp_path / "whole")


def test_processes_give_the_same_bytes(
    dataset: CocoDataset, tmp_path: Path, without_opencv: None
) -> None:
    click(dataset.root, tmp_path / "one")
    click(dataset.root, tmp_path / "two", How(processes=2))
    assert records(tmp_path / "two") == records(tmp_path / "one")
    assert measured(tmp_path / "two") == measured(tmp_path / "one")


def test_grabcut_in_two_processes(dataset: CocoDataset, tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    for processes in (1, 2):
        click(dataset.root, tmp_path / str(processes), How(processes=processes), Clicking(limit=1))
    one, two = records(tmp_path / "1"), records(tmp_path / "2")
    assert one == two and "photos-interactive-GrabCut-from-the-box.jsonl" in one


def test_no_time_is_among_the_results(dataset: CocoDataset, tmp_path: Path) -> None:
    click(dataset.root, tmp_path)
    found = report(tmp_path)
    assert set(found["run"]["timing"]) == {"look", "first_click", "later_click", "timed_objects"}
    assert "look" not in json.dumps(measured(tmp_path)["results"])
    assert found["settings"] | {"policy": ""} == {
        "clicks": "jittered", "max_clicks": 5, "seed": 3, "policy": "",
    }  # fmt: skip


def test_what_the_page_says(dataset: CocoDataset, tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    page, _, html = (path.read_text() for path in click(dataset.root, tmp_path))
    assert page.startswith("# Clicks: `model` on photos\n")
    assert "NoF@90 is 4 of 4 objects. Mean IoU by clicks: 0." in page
    assert "scattered by a third of that distance, seed 3" in " ".join(page.split())
    lines = page.splitlines()
    assert lines[lines.index("- model: oracle clicks") + 1 :][:3] == [
        f"- {DISK}: oracle clicks",
        f"- {WHOLE}: nothing (told less)",
        f"- {GRABCUT}: oracle box (told something else)",
    ]
    assert f"|  | model | {DISK} | {WHOLE} |" in lines and f"| {GRABCUT} | 0.000 [" in page
    assert "| look at a photograph | 0.0" in page
    assert "No published number of these tables is of photos" in page
    assert page.count("told the same") > 20  # the published rows
    assert html.count("<svg") >= 2 and "1#1 cup: IoU" in html


def test_without_opencv_the_page_says_so(
    dataset: CocoDataset, tmp_path: Path, without_opencv: None
) -> None:
    page = click(dataset.root, tmp_path)[0].read_text()
    assert f"{GRABCUT}: not measured, as OpenCV is not installed here" in page
    assert "told something else" not in page and list(measured(tmp_path)["results"]) == [
        "model", DISK, WHOLE,
    ]  # fmt: skip


def test_one_click_has_no_number_of_clicks(dataset: CocoDataset, tmp_path: Path) -> None:
    page = click(dataset.root, tmp_path, clicking=Clicking(limit=1))[0].read_text()
    assert "## Clicks to reach an IoU" not in page and "**NoC@90" not in page
    assert "Mean IoU by clicks: 0." in page and "| later click" not in page
