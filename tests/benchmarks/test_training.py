"""The benchmark of training runs, at a size of no meaning, and reports both ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("accelerate")

from benchmarks import training


def test_both_ways_are_timed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["--size", "tiny", "--repeat", "1", "--steps", "1", "--pictures", "3"]
    assert training.main([*few, "--json", str(tmp_path / "report.json")]) == 0
    out = capsys.readouterr().out
    assert training.LOOKING in out and training.READING in out and "samples a second" in out
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report["steps"]) == {training.LOOKING, training.READING}
    assert report["embedding"]["nbytes"] == 256 * 4 * 4 * 2  # float16, a grid of 4 x 4


def test_the_sizes_are_those_of_the_papers_small_variant() -> None:
    sizes = training.network_sizes("base")
    assert (sizes.evf.beit3.layers, sizes.evf.beit3.dim, sizes.view.side) == (12, 768, 1024)
