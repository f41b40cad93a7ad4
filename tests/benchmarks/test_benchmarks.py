"""The benchmark's own arithmetic. Nothing here is timed against a limit."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from benchmarks.baselines import GRABCUT, SAM, measure_baselines
from benchmarks.launch import run
from benchmarks.photograph import write_photograph
from benchmarks.report import Row, table
from benchmarks.timing import gather, repeat
from PIL import Image

from benchmarks import fresh, machine


def test_a_table_tells_units_targets_and_ratios() -> None:
    rows = [
        Row("a click", "seconds", gather([0.012, 0.010, 0.5]), 0.015, {"other": gather([1.2])}),
        Row("memory", "bytes", gather([250e6]), 500e6),
        Row("no target", "seconds", gather([2.0])),
    ]
    lines = table(rows, ["other"]).splitlines()
    assert lines[2] == "| a click | 10 ms | 12 ms | 3 | 15 ms | 0.80 | 1.2 s, 100 x |"
    assert lines[3] == "| memory | 250 MB | 250 MB | 1 | 500 MB | 0.50 | - |"
    assert lines[4] == "| no target | 2 s | 2 s | 1 | - | - | - |"
    assert rows[0].to_dict()["baselines"]["other"]["ratio"] == pytest.approx(100)
    assert rows[2].to_dict()["share_of_target"] is None


def test_warm_up_is_not_counted() -> None:
    calls = []
    assert len(repeat(lambda: calls.append(1), 3, warm_up=2).values) == 3
    assert len(calls) == 5


def test_a_fresh_process_is_not_charged_for_the_memory_of_the_one_that_measures() -> None:
    ours = np.ones(400 * 2**20, np.uint8)
    seconds, peak = fresh.fresh(lambda folder: [sys.executable, "-I", "-S", "-c", "pass"], 2)
    assert len(seconds.values) == len(peak.values) == 2
    assert 0 < max(peak.values) < ours.nbytes / 4


def test_a_failing_process_is_told() -> None:
    command = [sys.executable, "-I", "-S", "-c", "raise SystemExit(3)"]
    assert run(command)["status"] == 3
    with pytest.raises(RuntimeError, match="exit status 3"):
        fresh.fresh(lambda folder: command, 1)


def test_a_baseline_that_is_not_installed_is_said_plainly(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    monkeypatch.delitem(sys.modules, "benchmarks.grabcut", raising=False)
    said: list[str] = []
    found = measure_baselines(tmp_path / "x.jpg", times=1, with_sam=False, say=said.append)
    assert found.names == [] and said == [GRABCUT]
    assert found.missing == [
        f"{GRABCUT} was not measured, no cv2 here: pip install opencv-python-headless",
        f"{SAM} was left out (--no-sam)",
    ]


def test_the_photograph_is_640_by_480(tmp_path) -> None:
    with Image.open(write_photograph(tmp_path)) as image:
        assert image.size == (640, 480)


def test_the_machine_is_named() -> None:
    lines = machine.lines(machine.facts())
    assert any("cores" in line for line in lines) and any("numpy" in line for line in lines)
