"""The labelling benchmark on two photographs, once: all ways must give the same masks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import labeling

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    (tmp_path / "images").mkdir()
    for name in ("chelsea.jpg", "coffee.jpg"):
        shutil.copy(EXAMPLES / name, tmp_path / "images")
    arguments = ["--images", tmp_path / "images", "--prompts", "cat; cup", "--repeat", 1]
    return [str(one) for one in [*arguments, "--workers", 1, "--json", tmp_path / "out.json"]]


def test_a_short_run_tells_every_way(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labeling.main(given) == 0
    told = capsys.readouterr().out
    assert "| plain loop over segment |" in told and "| biprompt label, 1 worker |" in told
    assert "2 photographs, phrases 'cat; cup'" in told
    report = json.loads((tmp_path / "out.json").read_text())
    assert list(report["seconds"]) == [
        "plain loop over segment", "loop over segment_many", "biprompt label, 1 worker",
    ]  # fmt: skip
    assert all(len(sample["values"]) == 1 for sample in report["seconds"].values())


def test_other_masks_are_noticed(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    true = labeling._together

    def wrong(model: Any, scene: Any, asks: Any) -> Any:
        return true(model, scene, asks[::-1])

    monkeypatch.setattr(labeling, "_together", wrong)
    assert labeling.main(given) == 1
    assert "loop over segment_many gave other masks" in capsys.readouterr().err
