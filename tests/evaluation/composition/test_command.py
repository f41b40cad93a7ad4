"""A whole run: stopped and resumed, alone and shared, always the same bytes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.errors import DataError, InputError, OutputError
from biprompt.evaluation.baselines import Painted, disks
from biprompt.evaluation.composition import compose
from biprompt.evaluation.model import Contender
from biprompt.evaluation.runs import RECORDS

LOAD = partial(Contender, "disk", "1", Painted("disk", disks))


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def results(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "composition-photos.json").read_text())
    return found["results"]


def test_writes_both_reports(dataset: CocoDataset, tmp_path: Path) -> None:
    written = compose(dataset.root, LOAD, tmp_path / "out", command="biprompt evaluate composition")
    page = written[0].read_text()
    assert [path.name for path in written] == ["composition-photos.md", "composition-photos.json"]
    assert page.startswith("# Composition: `disk` on photos\n")
    assert "command `biprompt evaluate composition`" in page and "a trial" not in page
    assert "| click + text | 100.0 % |" in page
    assert results(tmp_path / "out")["objects"] == 4
    assert list(records(tmp_path / "out")) == ["photos-composition-disk.jsonl"]


def test_stopped_and_resumed_gives_the_same_bytes(dataset: CocoDataset, tmp_path: Path) -> None:
    compose(dataset.root, LOAD, tmp_path / "whole")
    stops = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal stops
        stops += 1
        if stops % 2 == 0:
            raise KeyboardInterrupt

    for _ in range(10):
        try:
            compose(dataset.root, LOAD, tmp_path / "parts", progress=stop)
            break
        except KeyboardInterrupt:
            assert not (tmp_path / "parts" / "composition-photos.md").exists()
    assert stops > 4
    assert records(tmp_path / "parts") == records(tmp_path / "whole")
    assert results(tmp_path / "parts") == results(tmp_path / "whole")


def test_processes_give_the_same_bytes(dataset: CocoDataset, tmp_path: Path) -> None:
    compose(dataset.root, LOAD, tmp_path / "one")
    compose(dataset.root, LOAD, tmp_path / "two", processes=2)
    assert records(tmp_path / "two") == records(tmp_path / "one")
    assert results(tmp_path / "two") == results(tmp_path / "one")


def test_a_trial_says_so(dataset: CocoDataset, tmp_path: Path) -> None:
    compose(dataset.root, LOAD, tmp_path, limit=2, kinds=("box", "click"))
    assert (
        "first 2 objects of each set: a trial" in (tmp_path / "composition-photos.md").read_text()
    )
    assert results(tmp_path)["objects"] == 2
    assert results(tmp_path)["kinds"] == ["click", "box"]


def test_nothing_is_measured_when_it_could_not_be_kept(
    dataset: CocoDataset, tmp_path: Path
) -> None:
    def never() -> Contender:
        raise AssertionError("loaded")

    (tmp_path / "composition-photos.json").touch()
    with pytest.raises(OutputError, match="an existing file"):
        compose(dataset.root, never, tmp_path)
    with pytest.raises(InputError, match="kinds of prompts"):
        compose(dataset.root, never, tmp_path / "out", kinds=["click"])
    with pytest.raises(DataError, match="data folder: expected a folder"):
        compose(tmp_path / "nowhere", never, tmp_path / "out")
    assert not (tmp_path / "out").exists()
