"""One point and the name on a folder in COCO layout: gate results worked out by hand."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.evaluation.biprompt import GAINS, MEASURES, Asking, DualRun, open_study, summarize
from biprompt.evaluation.biprompt.asking import NAME
from biprompt.evaluation.biprompt.rows import MAIN, point_row, template_row, weights_row
from biprompt.evaluation.model import Contender
from biprompt.selection import Policy

SHORT = Asking(("centre",), (NAME,), 1.0)


def dual(
    contender: Contender,
    dataset: CocoDataset,
    *,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[DualRun]:
    study = open_study(dataset.root, asking=SHORT, limit=limit)
    for task in study.tasks(done):
        yield from study.measure(contender, task)


def iou(pixels: int) -> float:
    return (20 - 2 * pixels) * (24 - 2 * pixels) / (20 * 24)  # the cup of a.png, eroded


def ious(run: DualRun, row: str = MAIN) -> dict[str, float]:
    found = {name: run.overlap(row, name) for name in run.counts[row]}
    return {name: each.iou for name, each in found.items() if each}


def test_every_answer_of_one_object(dataset: CocoDataset, contender: Contender) -> None:
    run = next(dual(contender, dataset))
    assert (run.key, run.label, run.image, run.truth) == ("1#1", "cup", "1", 20 * 24)
    main = {
        "click_own": iou(3),  # all scores are equal, so the first
        "click_best": iou(1),
        "text": 1.0,
        "text_mask": 1.0,
        "gate_paper": iou(1),
        "gate_wide": 1.0,
        "gate_parts": ious(run)["gate_parts"],  # of masks that its weights were not fitted to
        "joint_paper": iou(1),
        "joint_wide": 1.0,
        "oracle": 1.0,
        "box": 0.0,  # this model knows nothing of boxes
    }
    assert ious(run) == pytest.approx(main) and set(main) == set(MEASURES)
    clicked = ("click_own", "click_best", "gate_paper", "gate_wide")
    assert ious(run, point_row("centre")) == {name: ious(run)[name] for name in clicked}
    said = ("text", "text_mask", "gate_paper", "gate_wide")
    assert ious(run, template_row("{}")) == {name: ious(run)[name] for name in said}
    over = {"0, 0, 1": iou(1), "0, 1, 0": iou(3), "1, 0, 0": iou(3)}
    assert ious(run, weights_row("paper")) == pytest.approx(over)
    candidates = [each[0] / run.truth for each in run.candidates]
    assert candidates == pytest.approx([iou(3), iou(1), iou(4)])
    assert run.picked == {"own": False, "gate_paper": True, "gate_wide": True}
    assert run.winner == "joint" and type(run.winner) is str  # as when it was read from a record
    assert set(run.verdicts.values()) == {"found"}
    assert run.words == {"{}": {"presence": 0.9, "understood": True, "verdict": "found"}}


def test_the_click_is_the_middle_of_the_object(dataset: CocoDataset, model: Any) -> None:
    list(dual(Contender("x", "1", model), dataset, limit=1))
    click, box, words, both, parts = model.prompts
    assert parts is both
    assert click.points.xy.tolist() == both.points.xy.tolist() == [[13, 13]]
    assert box.box.xyxy.tolist() == [4, 4, 24, 28] and box.points is None and box.text is None
    assert words.points is None and click.text is None
    assert both.text.phrase == words.text.phrase == "cup"


def test_a_policy_changes_only_what_a_protocol_must(
    dataset: CocoDataset, contender: Contender
) -> None:
    strict = replace(contender, policy=Policy(agree=1.0))
    run = next(dual(strict, dataset))
    assert run.verdicts == {"text": "found", "gate_paper": "disagree", "gate_wide": "found"}
    assert ious(run)["gate_paper"] == ious(run)["click_own"]
    assert len(set(ious(run, weights_row("paper")).values())) == 1


def test_done_and_limit(dataset: CocoDataset, contender: Contender) -> None:
    runs = dual(contender, dataset, limit=3, done={"1#1"})
    assert [run.key for run in runs] == ["1#2", "2#3"]


def test_summary(dataset: CocoDataset, contender: Contender) -> None:
    found = summarize(list(dual(contender, dataset)), SHORT)
    assert (found["objects"], found["left_out"], found["understood"]) == (4, 0, 1.0)
    assert found["iou"]["gate_wide"]["mean"] == found["dice"]["gate_wide"]["mean"] == 1.0
    assert found["iou"]["click_best"] == found["iou"]["gate_paper"]
    assert set(found["gain"]) == set(GAINS)
    gain = found["iou"]["gate_paper"]["mean"] - found["iou"]["click_own"]["mean"]
    assert found["gain"]["gate_paper - click_own"]["mean"] == pytest.approx(gain)
    assert found["points"]["centre"]["gain"]["gate_paper"]["mean"] == pytest.approx(gain)
    assert found["picked_best"] == {"own": 0.0, "gate_paper": 1.0}
    assert found["picked_best_of_wide"] == 1.0
    assert found["winners"] == {"joint": 4}
    assert found["score_correlation"] is None  # all scores are equal
