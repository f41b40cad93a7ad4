"""A whole run: stopped and resumed, alone and shared, always the same bytes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.data.readers.registry import Kind
from biprompt.errors import DataError, OutputError
from biprompt.evaluation.baselines import Painted, disks
from biprompt.evaluation.composition import KINDS, Composition
from biprompt.evaluation.model import Contender
from biprompt.evaluation.run import THIS_PROCESS, How, evaluate
from biprompt.evaluation.runs import RECORDS
from biprompt.evaluation.samples import open_samples
from biprompt.evaluation.sharding import Load

LOAD = partial(Contender, "disk", "1", Painted("disk", disks))


def compose(
    root: Path,
    out: Path,
    how: How = THIS_PROCESS,
    load: Load = LOAD,
    *,
    limit: int | None = None,
) -> tuple[Path, ...]:
    opened = open_samples(root, kinds=(Kind.INTERACTIVE,), limit=limit)
    return evaluate(Composition(opened.data, opened.samples, KINDS), load, out, how)


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def results(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "composition-photos.json").read_text())
    (measured,) = found["results"].values()
    return dict(measured)


def test_writes_all_reports(dataset: CocoDataset, tmp_path: Path) -> None:
    written = compose(dataset.root, tmp_path / "out", How(command="biprompt evaluate composition"))
    page = written[0].read_text()
    assert [path.name for path in written] == [
        f"composition-photos.{kind}" for kind in ("md", "json", "html")
    ]
    assert page.startswith("# Composition: `disk` on photos\n")
    assert "command `biprompt evaluate composition`" in page and "a trial" not in page
    assert "| click + text | 100.0 % |" in page
    assert results(tmp_path / "out")["objects"] == 4
    assert list(records(tmp_path / "out")) == ["photos-composition-disk.jsonl"]


def test_stopped_and_resumed_gives_the_same_bytes(dataset: CocoDataset, tmp_path: Path) -> None:
    compose(dataset.root, tmp_path / "whole")
    stops = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal stops
        stops += 1
        if stops % 2 == 0:
            raise KeyboardInterrupt

    for _ in range(10):
        try:
            compose(dataset.root, tmp_path / "parts", How(progress=stop))
            break
        except KeyboardInterrupt:
            assert not (tmp_path / "parts" / "composition-photos.md").exists()
    assert stops > 4
    assert records(tmp_path / "parts") == records(tmp_path / "whole")
    assert results(tmp_path / "parts") == results(tmp_path / "whole")


def test_processes_give_the_same_bytes(dataset: CocoDataset, tmp_path: Path) -> None:
    compose(dataset.root, tmp_path / "one")
    compose(dataset.root, tmp_path / "two", How(processes=2))
    assert records(tmp_path / "two") == records(tmp_path / "one")
    assert results(tmp_path / "two") == results(tmp_path / "one")


def test_a_trial_says_so(dataset: CocoDataset, tmp_path: Path) -> None:
    compose(dataset.root, tmp_path, How(limit=2), limit=2)
    assert (
        "first 2 objects of each set: a trial" in (tmp_path / "composition-photos.md").read_text()
    )
    assert results(tmp_path)["objects"] == 2


def test_nothing_is_measured_when_it_could_not_be_kept(
    dataset: CocoDataset, tmp_path: Path
) -> None:
    def never() -> Contender:
        raise AssertionError("loaded")

    (tmp_path / "composition-photos.json").touch()
    with pytest.raises(OutputError, match="an existing file"):
        compose(dataset.root, tmp_path, load=never)


@pytest.mark.parametrize(
    ("dataset_name", "expected"), [("ade20k", "one of .*, got ade20k"), ("x", "got x")]
)
def test_data_of_another_kind_are_refused(
    dataset: CocoDataset, dataset_name: str, expected: str
) -> None:
    with pytest.raises(DataError, match=expected):
        open_samples(dataset.root, dataset_name, kinds=(Kind.INTERACTIVE,))
