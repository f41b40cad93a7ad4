from __future__ import annotations

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.errors import PromptError
from biprompt.evaluation.baselines import baselines, disks
from biprompt.prompts import Prompt


def test_disks_follow_the_clicks() -> None:
    own, small, large = disks((60, 90), Prompt.build(points=[(45, 30)], labels=[1]))
    assert [mask.sum() for mask in (own, small, large)] == pytest.approx(
        [3.14 * r * r for r in (10, 5, 20)], rel=0.05
    )
    assert own[30, 45] and own[20, 45] and own[40, 45] and own[30, 55]
    assert not own[19, 45] and not own[30, 56]


def test_later_clicks_paint_over_earlier_ones_up_to_the_edge() -> None:
    own, *_ = disks((60, 90), Prompt.build(points=[(0, 0), (89, 59), (4, 0)], labels=[1, 1, 0]))
    assert own[59, 89] and not own[0, 4] and not own[0, 0] and own[10, 0]


def test_embeds_and_answers(dataset: CocoDataset) -> None:
    disk, whole = baselines()
    prompt = Prompt.build(points=[(5, 5)], labels=[1])
    scene = whole.model.embed(dataset.images[0].path)
    assert whole.model.segment(scene, prompt=prompt).mask.all()
    answers = disk.model.segment_many(scene, [prompt, prompt])
    assert [len(answer.card.candidates) for answer in answers] == [3, 3]
    with pytest.raises(PromptError, match="a prompt"):
        disk.model.segment(scene)
