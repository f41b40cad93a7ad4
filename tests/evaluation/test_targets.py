from __future__ import annotations

import math
from typing import Any

from biprompt.evaluation.targets import ROWS, table


def entry(mean: float) -> dict[str, Any]:
    return {"mean": mean, "interval": [mean - 0.1, mean + 0.1]}


def clicks(noc: float) -> dict[str, Any]:
    return {
        "noc": {"90": entry(noc) | {"failures": 0}},
        "iou": {"1": entry(0.7), "5": entry(0.91)},
        "first": {"own": entry(0.3), "best": entry(0.4)},
    }


def test_judges_each_row_in_its_direction() -> None:
    rows = table({"grabcut": {"m": clicks(4.5), "disk": clicks(20)}}, "m")
    assert [(row["name"], row["value"], row["reached"]) for row in rows] == [
        ("GrabCut, NoC@90", 4.5, True),
        ("GrabCut, mean IoU after 1 click", 0.7, False),
        ("GrabCut, mean IoU after 5 clicks", 0.91, True),
    ]
    assert rows[0]["baselines"] == {"disk": 20}
    assert rows[0]["interval"] == [4.4, 4.6]


def test_the_gate_is_judged_by_the_own_pick_and_the_best_of_three() -> None:
    gates = ("gate_paper", "gate_wide", "gate_parts")
    names = ("click_own", "click_best", *gates, "joint_paper", "text")
    means = (0.50, 0.60, 0.54, 0.52, 0.53, 0.5, 0.1)
    ious = {name: entry(mean) for name, mean in zip(names, means, strict=True)}
    disk = {"iou": {"click_own": entry(0.3)}}
    rows = {row["name"]: row for row in table({"mval": {"m": {"iou": ious}, "d": disk}}, "m")}
    paper = rows["coco-mval-test, click + class name, gate, pool=paper, mean IoU"]
    assert (paper["at_least"], paper["aim"], paper["reached"]) == (0.53, 0.60, True)
    wide = rows["coco-mval-test, click + class name, gate, pool=wide, mean IoU"]
    assert wide["reached"] is False
    assert rows["coco-mval-test, 1 click, own pick, mean IoU"]["baselines"] == {"d": 0.3}
    assert rows["coco-mval-test, class name alone, mean IoU"]["reached"] is None
    missing = rows["coco-mval-test, click + class name, best candidate of pool=wide, mean IoU"]
    assert (missing["value"], missing["interval"]) == (None, None)


def test_not_a_number_is_not_reached() -> None:
    (row,) = table({"absence": {"m": {"auroc": entry(math.nan)}}}, "m")
    assert row["reached"] is False


def test_the_table_has_the_rows_that_were_asked_for() -> None:
    judged = {(row.set, row.place): row.at_least for row in ROWS if row.at_least is not None}
    assert judged == {
        ("grabcut", ("noc", "90")): 4.5,
        ("berkeley", ("noc", "90")): 8.5,
        ("grabcut", ("iou", "1")): 0.72,
        ("grabcut", ("iou", "5")): 0.90,
        ("mval", ("iou", "click_best")): 0.64,
        ("mval", ("iou", "click_own")): 0.56,
        ("mval", ("iou", "gate_paper")): ("iou", "click_own"),
        ("mval", ("iou", "gate_wide")): ("iou", "click_own"),
        ("mval", ("iou", "gate_parts")): ("iou", "click_own"),
        ("absence", ("auroc",)): 0.80,
    }
