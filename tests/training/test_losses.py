"""Losses worked by hand on masks of a few cells."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from biprompt.models.compact import SpatialPrompts, TextPrompts
from biprompt.training.compact.asking import Question, solid
from biprompt.training.compact.losses import (
    best_reading,
    cell_iou,
    dice_loss,
    mask_loss,
    soft_dice,
)
from biprompt.training.compact.objective import WEIGHTS, decoder_losses, text_losses, total_loss

LN2 = math.log(2.0)


def test_dice() -> None:
    p = torch.tensor([[1.0, 0.0], [0.5, 0.0]])
    target = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # both = 2 * 1 + 1; each = (1 + 0.25) + 2 + 1
    assert float(dice_loss(p, target)) == pytest.approx(1 - 3 / 4.25)
    # both = 2 * 1 + 0.1; each = 1.5 + 2 + 0.1
    assert float(soft_dice(p, target)) == pytest.approx(1 - 2.1 / 3.6)
    assert float(dice_loss(target, target)) == pytest.approx(0.0)


def test_iou() -> None:
    logits = torch.tensor([[[2.0, 1.0], [-1.0, -3.0]], [[-1.0, -1.0], [-1.0, -1.0]]])
    target = torch.tensor([[[1.0, 0.4], [0.9, 0.0]], [[0.0, 0.5], [0.0, 0.0]]])
    assert cell_iou(logits, target).tolist() == pytest.approx([1 / 3, 1.0])


def test_mask_loss_of_an_undecided_mask() -> None:
    target = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    # p = 0.5 everywhere: all focal weights are 1, the entropy is ln 2 in every cell
    focal = LN2 * 0.25 / (0.25 + 1e-4)
    dice = 1 - (2 * 0.5 + 1) / (4 * 0.25 + 1 + 1)
    loss = mask_loss(torch.zeros(2, 2), target)
    assert float(loss) == pytest.approx(focal + dice + 0.5 * LN2, rel=1e-5)


def test_mask_loss_is_small_where_the_mask_is_right_and_falls_towards_it() -> None:
    target = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    right = torch.where(target > 0.5, 9.0, -9.0)
    losses = [float(mask_loss(strength * right, target)) for strength in (1.0, 0.3, 0.0, -1.0)]
    assert losses == sorted(losses) and losses[0] < 0.01


def test_mask_loss_keeps_the_leading_axes() -> None:
    assert mask_loss(torch.zeros(3, 4, 8, 8), torch.zeros(3, 4, 8, 8)).shape == (3, 4)


def test_best_reading() -> None:
    losses = torch.tensor([[1.0, 4.0, 2.0, 3.0]])
    assert best_reading(losses).tolist() == pytest.approx([1.0 + 2.0 + 0.03 * 3.0])


def question(clicks: int, phrases: int, *, said: list[float], there: list[float]) -> Question:
    count = clicks + phrases
    target = torch.zeros(count, 4, 4)
    target[:, :2] = 1.0
    cpu = torch.device("cpu")
    return Question(
        image=torch.zeros(count, dtype=torch.int64),
        spatial=SpatialPrompts.nothing(count, (4, 4), cpu),
        text=TextPrompts.nothing(count, 8, (1, 1), cpu),
        target=target,
        clicks=clicks,
        said=torch.tensor(said),
        there=torch.tensor(there),
        later=False,
    )


def test_a_phrase_for_what_is_not_there_asks_for_an_empty_mask() -> None:
    asked = question(1, 2, said=[1.0, 1.0], there=[0.0, 0.0])
    logits = torch.zeros(3, 4, 4, 4)
    losses = decoder_losses(logits, torch.zeros(3, 4), torch.zeros(3, 4), asked)
    assert float(losses["phrases"]) == pytest.approx(LN2)
    # Its quality is not judged: only the click's is.
    assert float(losses["quality"]) == pytest.approx(LN2)
    empty = decoder_losses(logits - 20.0, torch.zeros(3, 4), torch.zeros(3, 4), asked)
    assert float(empty["phrases"]) == pytest.approx(0.0, abs=1e-6)


def test_a_phrase_that_was_not_said_counts_nothing() -> None:
    said = question(1, 2, said=[1.0, 0.0], there=[1.0, 0.0])
    logits = torch.randn(3, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    iou = cell_iou(logits, said.target[:, None])
    before = decoder_losses(logits, torch.zeros(3, 4), iou, said)
    logits[2] = 30.0
    after = decoder_losses(logits, torch.zeros(3, 4), iou, said)
    assert {n: float(v) for n, v in before.items()} == {n: float(v) for n, v in after.items()}
    wanted = said.target[1:2, None].expand(1, 4, 4, 4)
    per_mask = mask_loss(logits[1:2], wanted) + dice_loss(torch.sigmoid(logits[1:2]), wanted)
    assert float(after["phrases"]) == pytest.approx(float(best_reading(per_mask)) / 2)


def test_text_losses_count_said_phrases_only() -> None:
    batch = {
        "said": torch.tensor([[1.0, 1.0, 0.0]]),
        "presence": torch.tensor([[1.0, 0.0, 0.0]]),
        "meant": torch.zeros(1, 3, 4, 4),
    }
    batch["meant"][0, 0] = 16.0
    losses = text_losses(torch.zeros(3, 1, 1, 1), torch.tensor([0.0, 0.0, 50.0]), batch)
    assert float(losses["presence"]) == pytest.approx(LN2)
    # ln 2 for both cells; the one that is there also has half of its dice loss, 1 - 1.1 / 1.6.
    assert float(losses["prior"]) == pytest.approx((2 * LN2 + 0.5 * (1 - 1.1 / 1.6)) / 2)


def test_the_total_is_the_weighted_sum() -> None:
    losses = {name: torch.tensor(1.0) for name in WEIGHTS}
    assert float(total_loss(losses)) == pytest.approx(sum(WEIGHTS.values()))


def test_a_thin_target_has_cells_too() -> None:
    covered = np.zeros((2, 3, 3), np.uint8)
    covered[0, 0] = (16, 9, 8)
    covered[1, 1] = (4, 4, 1)  # a wire: no cell is filled by half
    cells = solid(covered)
    assert np.argwhere(cells[0]).tolist() == [[0, 0], [0, 1]]
    assert np.argwhere(cells[1]).tolist() == [[1, 0], [1, 1]]
