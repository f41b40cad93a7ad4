"""EVF-SAM's losses beside the official ones, and worked by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from biprompt.errors import InputError
from biprompt.training.evf.losses import bce_loss, dice_loss, evf_losses

GOLDEN = Path(__file__).parents[1] / "golden" / "evf_sam_tiny_golden.npz"


@pytest.fixture(scope="module")
def golden() -> dict[str, Tensor]:
    """Two masks of an image of 90 x 120, one of 110 x 70."""
    with np.load(GOLDEN) as arrays:
        return {k: torch.from_numpy(arrays[k]) for k in arrays if k[0] in "BC"}


def both(golden: dict[str, Tensor], name: str) -> list[Tensor]:
    return [golden[f"B/{name}{image}"] for image in (0, 1)]


def test_golden_losses(golden: dict[str, Tensor]) -> None:
    losses = evf_losses(both(golden, "pred_mask_logits"), both(golden, "gt"))
    assert float(losses.bce) == pytest.approx(float(golden["C/mask_bce_loss"]), abs=1e-6)
    assert float(losses.dice) == pytest.approx(float(golden["C/mask_dice_loss"]), abs=1e-6)
    for total in ("C/loss", "C/mask_loss"):
        assert float(losses.total) == pytest.approx(float(golden[total]), abs=2e-6)


def test_every_mask_counts_the_same(golden: dict[str, Tensor]) -> None:
    """Not every image: the first has two masks."""
    logits, targets = both(golden, "pred_mask_logits"), both(golden, "gt")
    apart = [
        evf_losses([x[None]], [y[None]])
        for image, truth in zip(logits, targets, strict=True)
        for x, y in zip(image, truth, strict=True)
    ]
    together = evf_losses(logits, targets)
    for name in ("bce", "dice", "total"):
        mean = sum(float(getattr(one, name)) for one in apart) / 3
        assert float(getattr(together, name)) == pytest.approx(mean, rel=1e-6)


def test_weights() -> None:
    logits, target = [torch.randn(2, 5, 5)], [torch.ones(2, 5, 5)]
    losses = evf_losses(logits, target, bce_weight=2.0, dice_weight=0.5)
    wanted = 2.0 * float(losses.bce) + 0.5 * float(losses.dice)
    assert float(losses.total) == pytest.approx(wanted)


def test_an_undecided_mask() -> None:
    logits, target = torch.zeros(1, 2, 4), torch.zeros(1, 2, 4)
    target[0, 0, :2] = 1
    assert bce_loss(logits, target).tolist() == pytest.approx([math.log(2)])
    # p = 1/2 in 8 pixels, 2 of them meant: 1 - 2 * 1 / (4 + 2)
    assert dice_loss(logits, target).tolist() == pytest.approx([2 / 3], rel=1e-3)


def test_dice_of_nothing_is_small_where_nothing_is_said() -> None:
    """The smoothing counts a thousandth of a pixel, so an empty truth still teaches."""
    target = torch.zeros(2, 4, 4)
    logits = torch.stack((torch.full((4, 4), -40.0), torch.full((4, 4), 1.0)))
    nothing, something = dice_loss(logits, target).tolist()
    assert nothing == pytest.approx(0.0, abs=1e-6) and something > 0.99


def test_bool_targets_and_half_precision() -> None:
    logits, target = torch.randn(2, 6, 6), torch.rand(2, 6, 6) > 0.5
    exact = evf_losses([logits], [target.float()])
    assert torch.equal(evf_losses([logits], [target]).total, exact.total)
    half = evf_losses([logits.bfloat16()], [target])
    assert half.total.dtype == torch.float32
    assert float(half.total) == pytest.approx(float(exact.total), rel=1e-2)


def test_gradients_lead_to_the_target() -> None:
    target = (torch.arange(36).reshape(1, 6, 6) % 3) == 0
    logits = torch.zeros(1, 6, 6, requires_grad=True)
    evf_losses([logits], [target]).total.backward()
    assert logits.grad is not None
    assert ((logits.grad < 0) == target).all()


def test_shapes_that_differ() -> None:
    with pytest.raises(InputError, match="targets: expected shapes"):
        evf_losses([torch.zeros(2, 4, 4)], [torch.zeros(1, 4, 4)])
    with pytest.raises(InputError, match="targets: expected shapes"):
        evf_losses([torch.zeros(2, 4, 4)], [])


@pytest.mark.parametrize("masks", [[], [torch.zeros(0, 4, 4)]])
def test_a_batch_without_masks(masks: list[Tensor]) -> None:
    with pytest.raises(InputError, match="batch: expected at least one mask"):
        evf_losses(masks, masks)
