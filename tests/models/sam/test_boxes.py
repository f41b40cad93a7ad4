"""Boxes as two points."""

from __future__ import annotations

import torch

from biprompt.models.sam.boxes import CORNERS, corners_as_points
from biprompt.models.sam.values import SamPrompts

BOXES = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
TEXT = torch.zeros(2, 1, 8)


def test_corners_come_before_points_under_labels_of_their_own() -> None:
    points = torch.full((2, 1, 2), 9)
    prompts = SamPrompts(points=points, labels=torch.tensor([[1], [0]]), boxes=BOXES, text=TEXT)
    changed = corners_as_points(prompts)
    assert changed.points is not None
    assert changed.labels is not None
    assert changed.points.tolist() == [[[1, 2], [3, 4], [9, 9]], [[5, 6], [7, 8], [9, 9]]]
    assert changed.labels.tolist() == [[*CORNERS, 1], [*CORNERS, 0]]
    assert changed.boxes is None
    assert changed.text is TEXT


def test_boxes_alone_become_points_alone() -> None:
    changed = corners_as_points(SamPrompts(boxes=BOXES))
    assert changed.points is not None
    assert torch.equal(changed.points.flatten(1), BOXES)


def test_prompts_without_boxes_stay_as_they_are() -> None:
    prompts = SamPrompts(text=TEXT)
    assert corners_as_points(prompts) is prompts
