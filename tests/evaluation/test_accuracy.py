from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from biprompt.errors import DataError, OutputError
from biprompt.evaluation.accuracy import FOLDERS, SETS, accuracy
from biprompt.evaluation.model import Contender
from biprompt.evaluation.run import THIS_PROCESS, How
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


def run(
    root: Path,
    contender: Contender,
    out: Path,
    how: How = THIS_PROCESS,
    sets: Sequence[str] = SETS,
) -> dict[str, Any]:
    accuracy(root, lambda: contender, out, sets=sets, how=how)
    found: dict[str, Any] = json.loads((out / "accuracy.json").read_text())
    return found


def results(out: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / f"{name}.json").read_text())["results"]
    return found


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / RECORDS).glob("*.jsonl"))}


def test_writes_the_table_and_the_reports(root: Path, knowing: Contender, tmp_path: Path) -> None:
    out = tmp_path / "new" / "results"
    report = run(root, knowing, out, How(command="biprompt evaluate accuracy --data data"))
    assert report["run"]["command"] == "biprompt evaluate accuracy --data data"
    assert report["run"]["model"] == {"name": "knowing", "digest": "1"}
    assert {"knowing", "disk round the click", "whole image"} <= set(
        results(out, "interactive-grabcut-test")
    )
    rows = {row["name"]: row for row in report["table"]}
    assert len(rows) == 14
    assert rows["presence of 80 names, held-out coco-train, AUROC"]["value"] == 1.0
    gate = rows["coco-mval-test, click + class name, gate, pool=wide, mean IoU"]
    assert gate["reached"] is True and gate["value"] == 1.0
    page = (out / "accuracy.md").read_text()
    assert "| GrabCut, NoC@90 | 4.00 [4.00, 4.00] | 4.50 | 2.02 | yes | 20.00 |" in page
    assert "(biprompt-coco-mval-test.md)" in page and "a trial" not in page
    assert len(list(out.glob("*.html"))) == 5


def test_interrupted_and_resumed_gives_the_same(
    root: Path, knowing: Contender, tmp_path: Path
) -> None:
    sets = ("grabcut", "absence")
    whole = run(root, knowing, tmp_path / "whole", sets=sets)
    calls = 0

    def interrupt(what: str, done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls % 17 == 0:
            raise KeyboardInterrupt

    for _ in range(100):
        try:
            how = How(progress=interrupt)
            parts = run(root, knowing, tmp_path / "parts", how, sets)
            break
        except KeyboardInterrupt:
            assert not list((tmp_path / "parts").glob("*.json"))
    assert calls > 50
    assert parts["table"] == whole["table"]
    for name in parts["reports"]:
        assert results(tmp_path / "parts", name) == results(tmp_path / "whole", name)
    assert records(tmp_path / "parts") == records(tmp_path / "whole")


def test_a_trial_says_so(root: Path, knowing: Contender, tmp_path: Path) -> None:
    run(root, knowing, tmp_path, How(limit=2), ["grabcut"])
    assert results(tmp_path, "interactive-grabcut-test")["knowing"]["objects"] == 2
    assert "first 2 objects of each set: a trial" in (tmp_path / "accuracy.md").read_text()


def test_nothing_is_measured_when_it_could_not_be_kept(
    root: Path, knowing: Contender, tmp_path: Path
) -> None:
    (tmp_path / "accuracy.md").touch()
    with pytest.raises(OutputError, match="an existing file"):
        run(root, knowing, tmp_path)
    with pytest.raises(OutputError, match="output folder"):
        run(root, knowing, tmp_path / "accuracy.md" / "below")
    with pytest.raises(DataError, match="set: expected one of grabcut, berkeley, mval, absence"):
        run(root, knowing, tmp_path / "out", sets=["davis"])
    with pytest.raises(DataError, match=r"grabcut-test: data folder: expected it to be there"):
        run(tmp_path / "nowhere", knowing, tmp_path / "out")
    assert knowing.model.embedded == []  # type: ignore[attr-defined]
    assert not (tmp_path / "out").exists()
