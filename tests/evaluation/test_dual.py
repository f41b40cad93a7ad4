from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.evaluation.dual import GAINS, MEASURES, dual, joint_pick, summarize
from biprompt.evaluation.model import Contender, click_prompt
from biprompt.selection import Policy


def iou(pixels: int) -> float:
    return (20 - 2 * pixels) * (24 - 2 * pixels) / (20 * 24)  # the cup of a.png, eroded


def test_every_answer_of_one_object(dataset: CocoDataset, contender: Contender) -> None:
    run = next(dual(contender, dataset))
    assert (run.key, run.label) == ("a.png#1", "cup")
    assert set(run.ious) == set(MEASURES)
    assert list(run.candidate_ious) == pytest.approx([iou(3), iou(1), iou(4)])
    assert run.ious == pytest.approx(
        {
            "click_own": iou(3),  # all scores are equal, so the first
            "click_best": iou(1),
            "text": 1.0,
            "text_mask": 1.0,
            "gate_paper": iou(1),
            "gate_wide": 1.0,
            "joint_paper": iou(1),
            "joint_wide": 1.0,
            "oracle": 1.0,
        }
    )
    assert list(run.picked) == [0, 1]
    assert (run.winner, run.presence, run.understood) == ("joint", 0.9, True)
    assert type(run.winner) is str  # as it is when it was read from a record
    assert set(run.verdicts.values()) == {"found"}


def test_the_click_is_the_middle_of_the_object(dataset: CocoDataset, model: Any) -> None:
    list(dual(Contender("x", "1", model), dataset, limit=1))
    click, words, both, wide = model.prompts
    assert click.points.xy.tolist() == both.points.xy.tolist() == [[13, 13]]
    assert words.points is None and click.text is None
    assert both.text.phrase == wide.text.phrase == words.text.phrase == "cup"


def test_a_policy_changes_only_what_a_protocol_must(
    dataset: CocoDataset, contender: Contender
) -> None:
    strict = replace(contender, policy=Policy(agree=1.0))
    run = next(dual(strict, dataset))
    assert run.verdicts == {"text": "found", "gate_paper": "disagree", "gate_wide": "found"}
    assert run.ious["gate_paper"] == run.ious["click_own"]


def test_done_and_limit(dataset: CocoDataset, contender: Contender) -> None:
    runs = dual(contender, dataset, limit=3, done={"a.png#1"})
    assert [run.key for run in runs] == ["a.png#2", "b.png#3"]


def test_summary(dataset: CocoDataset, contender: Contender) -> None:
    runs = list(dual(contender, dataset))
    found = summarize(runs)
    assert found["objects"] == 4 and found["understood"] == 1.0
    assert found["iou"]["gate_wide"]["mean"] == 1.0
    assert found["iou"]["click_best"] == found["iou"]["gate_paper"]
    assert set(found["gain"]) == set(GAINS)
    gain = found["iou"]["gate_paper"]["mean"] - found["iou"]["click_own"]["mean"]
    assert found["gain"]["gate_paper - click_own"]["mean"] == pytest.approx(gain)
    assert found["picked_best"] == {"own": 0.0, "gate_paper": 1.0}
    assert found["winners"] == {"joint": 4}
    assert found["score_correlation"] is None  # all scores are equal


def test_joint_pick_weighs_the_scores(dataset: CocoDataset, contender: Contender) -> None:
    scene = contender.model.embed(dataset.images[0].path)
    prompt = click_prompt([(13, 13)], [1], text="cup")
    answer = contender.model.segment(scene, prompt=prompt)
    first = replace(answer.card.candidates[0], score=0.99)
    card = replace(answer.card, candidates=(first, *answer.card.candidates[1:]))
    changed = replace(answer, card=card)
    assert joint_pick(changed, Policy(weights=(0, 1, 0.1))) is not None
    assert joint_pick(changed, Policy(weights=(0, 1, 0.1))).sum() == first.mask.sum()
    assert joint_pick(changed, Policy()).sum() == card.candidates[1].mask.sum()
