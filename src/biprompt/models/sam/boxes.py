"""Boxes as the two points that newer models of the family read them as."""

from __future__ import annotations

from dataclasses import replace

import torch

from biprompt.models.sam.values import SamPrompts

CORNERS = (2, 3)
"""Labels of a box's first and second corner; points have the labels 0 and 1."""


def corners_as_points(prompts: SamPrompts) -> SamPrompts:
    """Return the same prompts with each box as two points, labelled `CORNERS`, before the others.

    SAM 2 and EfficientSAM were trained on boxes in this form. What follows points, a padding token,
    then follows boxes as well, which it does not in SAM.
    """
    if prompts.boxes is None:
        return prompts
    points = prompts.boxes.reshape(-1, 2, 2)
    labels = torch.tensor(CORNERS, device=points.device).expand(points.shape[0], -1)
    if prompts.points is not None and prompts.labels is not None:
        points = torch.cat((points, prompts.points.to(points)), 1)
        labels = torch.cat((labels, prompts.labels.to(labels)), 1)
    return replace(prompts, points=points, labels=labels, boxes=None)
