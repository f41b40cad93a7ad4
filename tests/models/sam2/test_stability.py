"""Which mask answers an unambiguous prompt."""

from __future__ import annotations

import pytest
import torch

from biprompt.models.sam2.stability import settle_single, stability


def test_stability_is_the_share_that_both_thresholds_agree_on() -> None:
    inside, edge, outside = 1.0, 0.0, -1.0
    mask = torch.tensor([[inside, inside, inside, edge], [outside] * 4])
    assert stability(mask, 0.05).item() == pytest.approx(3 / 4)
    assert stability(mask, 2.0).item() == 0.0
    assert stability(mask.expand(2, 3, 2, 4), 0.05).shape == (2, 3)


def test_a_mask_that_is_empty_at_both_thresholds_is_stable() -> None:
    assert stability(torch.full((4, 4), -1.0), 0.05).item() == 1.0


def test_only_rows_with_an_unstable_single_mask_change() -> None:
    logits = torch.arange(1.0, 9.0).view(2, 4, 1, 1).repeat(1, 1, 2, 2)
    logits[1, 0] = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    iou = torch.tensor([[0.1, 0.9, 0.2, 0.3], [0.8, 0.2, 0.7, 0.5]])
    settled, scores = settle_single(logits, iou, delta=0.05, threshold=0.98)
    assert torch.equal(settled[0], logits[0])
    assert torch.equal(scores[0], iou[0])
    assert torch.equal(settled[1], logits[1, [2, 1, 2, 3]]), "the best of the other three"
    assert torch.equal(scores[1], iou[1, [2, 1, 2, 3]])


def test_the_threshold_itself_is_stable() -> None:
    logits = torch.ones(1, 4, 1, 2)
    logits[0, 0, 0, 1] = 0.0
    iou = torch.tensor([[0.1, 0.9, 0.2, 0.3]])
    assert settle_single(logits, iou, delta=0.05, threshold=0.5)[1][0, 0] == iou[0, 0]
    assert settle_single(logits, iou, delta=0.05, threshold=0.51)[1][0, 0] == iou[0, 1]
