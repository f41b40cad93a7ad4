from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from biprompt.errors import DataError, OutputError
from biprompt.evaluation.accuracy import FOLDERS, accuracy
from biprompt.evaluation.model import Contender
from biprompt.evaluation.runs import RECORDS


@pytest.fixture
def root(tmp_path: Path, tools: Any) -> Path:
    for folder in FOLDERS.values():
        photos = {f"{n}{file}": tools.PHOTOS[file] for n in range(4) for file in tools.PHOTOS}
        tools.write_set(tmp_path / "data" / folder, photos, ["cup", "dog", "zebra"])
    return tmp_path / "data"


@pytest.fixture
def knowing(root: Path, tools: Any) -> Contender:
    from biprompt.data.coco import read_coco

    model = tools.Knowing(read_coco(root / "grabcut-test"))
    for folder in FOLDERS.values():
        model.images |= tools.Knowing(read_coco(root / folder)).images
    return Contender("knowing", "1", model)


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / RECORDS).glob("*.jsonl"))}


def test_writes_both_reports(root: Path, knowing: Contender, tmp_path: Path) -> None:
    out = tmp_path / "new" / "results"
    report = accuracy(root, knowing, out, command="biprompt evaluate accuracy --data data")
    kept = json.loads((out / "accuracy.json").read_text())
    assert kept["run"]["command"] == "biprompt evaluate accuracy --data data"
    assert kept["run"]["model"] == {"name": "knowing", "digest": "1"}
    assert {name for each in kept["sets"].values() for name in each["results"]} == {
        "knowing",
        "disk round the click",
        "whole image",
    }
    rows = {row["name"]: row for row in report["table"]}
    assert len(rows) == 13
    assert rows["presence of 80 names, held-out coco-train, AUROC"]["value"] == 1.0
    gate = rows["coco-mval-test, click + class name, gate, pool=wide, mean IoU"]
    assert gate["reached"] is True and gate["value"] == 1.0
    page = (out / "accuracy.md").read_text()
    assert "| GrabCut, NoC@90 | 4.00 [4.00, 4.00] | 4.50 | 2.02 | yes | 20.00 |" in page
    assert "a trial" not in page
    assert (out / RECORDS / ".gitignore").read_text() == "*\n"


def test_interrupted_and_resumed_gives_the_same(
    root: Path, knowing: Contender, tmp_path: Path
) -> None:
    sets = ("grabcut", "mval", "absence")
    whole = accuracy(root, knowing, tmp_path / "whole", sets=sets)
    calls = 0

    def interrupt(what: str, done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls % 17 == 0:
            raise KeyboardInterrupt

    for _ in range(100):
        try:
            parts = accuracy(root, knowing, tmp_path / "parts", sets=sets, progress=interrupt)
            break
        except KeyboardInterrupt:
            assert not (tmp_path / "parts" / "accuracy.json").exists()
    assert calls > 50
    assert parts["sets"] == whole["sets"] and parts["table"] == whole["table"]
    assert records(tmp_path / "parts") == records(tmp_path / "whole")


def test_a_trial_says_so_and_is_a_part_of_the_whole(
    root: Path, knowing: Contender, tmp_path: Path
) -> None:
    report = accuracy(root, knowing, tmp_path, sets=["grabcut"], limit=2)
    assert report["sets"]["grabcut"]["results"]["knowing"]["objects"] == 2
    assert "first 2 objects of each set: a trial" in (tmp_path / "accuracy.md").read_text()
    looked = len(knowing.model.embedded)  # type: ignore[attr-defined]
    accuracy(root, knowing, tmp_path, sets=["grabcut"], limit=2, force=True)
    assert len(knowing.model.embedded) == looked  # type: ignore[attr-defined]


def test_other_weights_are_measured_anew(root: Path, knowing: Contender, tmp_path: Path) -> None:
    accuracy(root, knowing, tmp_path, sets=["grabcut"], limit=2)
    looked = len(knowing.model.embedded)  # type: ignore[attr-defined]
    other = Contender("knowing", "2", knowing.model)
    accuracy(root, other, tmp_path, sets=["grabcut"], limit=2, force=True)
    assert len(knowing.model.embedded) == 2 * looked  # type: ignore[attr-defined]


def test_nothing_is_measured_when_it_could_not_be_kept(
    root: Path, knowing: Contender, tmp_path: Path
) -> None:
    (tmp_path / "accuracy.md").touch()
    with pytest.raises(OutputError, match="an existing file"):
        accuracy(root, knowing, tmp_path)
    with pytest.raises(OutputError, match="output folder"):
        accuracy(root, knowing, tmp_path / "accuracy.md" / "below")
    with pytest.raises(DataError, match="set: expected one of grabcut, berkeley, mval, absence"):
        accuracy(root, knowing, tmp_path / "out", sets=["davis"])
    with pytest.raises(DataError, match=r"grabcut-test: data folder: expected a folder"):
        accuracy(tmp_path / "nowhere", knowing, tmp_path / "out")
    assert knowing.model.embedded == []  # type: ignore[attr-defined]
    assert not (tmp_path / "out").exists()
