"""The losses EVF-SAM is trained with: binary cross-entropy and dice, each of weight 1.

Masks are logits at the size of their original image; images, and so sizes, differ in a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from biprompt.errors import InputError

_DICE_SCALE = 1000.0
"""Both sums of dice are divided by it, so that half precision holds them; it scales `_DICE_EPS`."""
_DICE_EPS = 1e-6


class EvfLosses(NamedTuple):
    """Means over all masks of a batch, each a scalar."""

    total: Tensor
    """``bce_weight * bce + dice_weight * dice``: what is minimised."""
    bce: Tensor
    dice: Tensor


def evf_losses(
    logits: Sequence[Tensor],
    targets: Sequence[Tensor],
    *,
    bce_weight: float = 1.0,
    dice_weight: float = 1.0,
) -> EvfLosses:
    """Return the losses of a batch; every mask counts the same, whatever the size of its image.

    Args:
        logits: for each image, ``(n, H, W)`` float.
        targets: for each image, ``(n, H, W)`` bool, or float in [0, 1].
        bce_weight: of the cross-entropy.
        dice_weight: of dice.

    Raises:
        InputError: the shapes differ, or there is no mask at all.
    """
    _check(logits, targets)
    pairs = [(x.float(), y.float()) for x, y in zip(logits, targets, strict=True)]
    bce = torch.cat([bce_loss(x, y) for x, y in pairs]).mean()
    dice = torch.cat([dice_loss(x, y) for x, y in pairs]).mean()
    return EvfLosses(bce_weight * bce + dice_weight * dice, bce, dice)


def bce_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of each mask: ``(n, H, W)`` both, to ``(n,)``."""
    return F.binary_cross_entropy_with_logits(logits, target, reduction="none").mean((-2, -1))


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return ``1 - 2|pt| / (|p| + |t|)`` of each mask: ``(n, H, W)`` both, to ``(n,)``."""
    p, t = logits.sigmoid() / _DICE_SCALE, target / _DICE_SCALE
    both = 2 * (p * target).sum((-2, -1))
    return 1 - (both + _DICE_EPS) / (p.sum((-2, -1)) + t.sum((-2, -1)) + _DICE_EPS)


def _check(logits: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
    shapes = [[tuple(mask.shape) for mask in masks] for masks in (logits, targets)]
    if shapes[0] != shapes[1]:
        raise InputError("targets", expected=f"shapes {shapes[0]}", actual=shapes[1])
    if not sum(shape[0] for shape in shapes[0]):
        raise InputError("batch", expected="at least one mask", actual="none")
