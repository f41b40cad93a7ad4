from __future__ import annotations

import math

import pytest

from biprompt.evaluation.interactive import ClickRun, correlation, summarize

RUNS = [
    ClickRun("a", "", [0.5, 0.86, 0.92], [0.5, 0.7], [0.1, 0.9]),
    ClickRun("b", "", [0.1] * 20, [0.1], [0.3]),
    ClickRun("nothing to click on", "", [], [], []),
]


def test_by_hand() -> None:
    found = summarize(RUNS)
    assert (found["objects"], found["left_out"], found["told"]) == (2, 1, "oracle clicks")
    assert [found["noc"][p]["mean"] for p in ("80", "85", "90", "95")] == [11.0, 11.0, 11.5, 20.0]
    assert [found["noc"][p]["failures"] for p in ("80", "85", "90", "95")] == [1, 1, 1, 2]
    assert found["noc"]["90"]["interval"] == [3.0, 20.0]
    assert list(found["iou"]) == ["1", "2", "3", "5", "10", "20"]
    assert found["iou"]["1"]["mean"] == pytest.approx(0.3)
    assert found["iou"]["20"]["mean"] == pytest.approx(0.51)
    assert found["curve"]["mean"] == pytest.approx([0.3, 0.48] + [0.51] * 18)
    assert found["curve"]["low"][1] == 0.1 and found["curve"]["high"][1] == 0.86
    assert found["first"]["own"]["mean"] == pytest.approx(0.3)
    assert found["first"]["best"]["mean"] == pytest.approx(0.4)
    assert found["first"]["score_correlation"] == pytest.approx(0.5766, abs=0.0001)


def test_another_number_of_clicks() -> None:
    found = summarize(RUNS, clicks=2)
    assert (found["noc"]["85"]["mean"], found["noc"]["90"]["mean"]) == (2.0, 2.0)
    assert (found["noc"]["85"]["failures"], found["noc"]["90"]["failures"]) == (1, 2)
    assert list(found["iou"]) == ["1", "2"] and len(found["curve"]["mean"]) == 2
    once = summarize(RUNS, clicks=1)
    assert once["noc"] == {} and list(once["iou"]) == ["1"]


def test_of_a_box() -> None:
    ious = [[0.96], [0.90], [0.84], []]
    runs = [ClickRun(str(i), "", each, [], [], "oracle box") for i, each in enumerate(ious)]
    found = summarize(runs)
    assert (found["objects"], found["left_out"], found["told"]) == (3, 1, "oracle box")
    assert found["iou"]["mean"] == pytest.approx(0.9)
    assert found["reached"] == {"80": 1.0, "85": 2 / 3, "90": 2 / 3, "95": 1 / 3}
    assert "noc" not in found and "curve" not in found


def test_of_no_object() -> None:
    found = summarize([RUNS[2]])
    assert (found["objects"], found["left_out"]) == (0, 1)
    assert math.isnan(found["noc"]["90"]["mean"]) and math.isnan(found["curve"]["mean"][19])
    assert found["first"]["score_correlation"] is None


def test_correlation() -> None:
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1.0)
    assert correlation([0.1] * 3, [2, 4, 6]) is None  # numpy's deviation of these is not quite 0
    assert correlation([1], [2]) is None
