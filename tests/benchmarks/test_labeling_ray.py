"""The benchmark of Ray against workers, with workers in the place of Ray."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.timing import gather

from benchmarks import labeling_ray
from biprompt.labeling.crew import Crew

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(labeling_ray, "ClusterCrew", lambda load, cluster: Crew(load, 1, 1))
    told = ["--images", EXAMPLES, "--limits", 1, 2, "--prompts", "cat; cup", "--repeat", 1]
    return [str(one) for one in [*told, "--count", 1, "--json", tmp_path / "out.json"]]


def test_a_short_run_tells_both_ways(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labeling_ray.main(given) == 0
    told = capsys.readouterr().out
    assert "| --workers 1 |" in told and "| --ray local --actors 1 |" in told
    ways = json.loads((tmp_path / "out.json").read_text())["ways"]
    assert [len(way["seconds"]) for way in ways.values()] == [2, 2]


def test_images_a_second_are_of_the_difference() -> None:
    seconds = gather([9.0, 10.0, 50.0]), gather([30.0])
    assert labeling_ray.Measured((100, 300), seconds).per_second == 10.0


def test_other_files_are_noticed(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    true = labeling_ray._label
    limits = iter([1, 2, 1, 3])

    def other(options: Any, hire: Any, limit: int, out: str) -> float:
        return true(options, hire, next(limits), out)

    monkeypatch.setattr(labeling_ray, "_label", other)
    assert labeling_ray.main(given) == 1
    assert "gave other files" in capsys.readouterr().err
