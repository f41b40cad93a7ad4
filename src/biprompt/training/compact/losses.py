"""Losses of the embedded model. Masks are logits; targets are the covered part of each cell."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Normalised focal loss + dice + half the binary cross-entropy, per mask.

    Normalised focal loss: Sofiiuk et al., "Reviving Iterative Training with Mask Guidance"; the
    weight ``(1 - p)^2`` is divided by its mean, so that easy pixels do not end the learning.

    Args:
        logits: ``(..., h, w)``.
        target: ``(..., h, w)`` in [0, 1].

    Returns:
        ``(...)``.
    """
    p = torch.sigmoid(logits)
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    with torch.no_grad():
        weight = (p - target) ** 2
        weight = weight / (weight.mean((-2, -1), keepdim=True) + 1e-4)
    focal = (weight * entropy).mean((-2, -1))
    return focal + dice_loss(p, target) + 0.5 * entropy.mean((-2, -1))


def dice_loss(p: Tensor, target: Tensor) -> Tensor:
    """``1 - 2|pt| / (|p|^2 + |t|^2)``, per mask."""
    both = 2.0 * (p * target).sum((-2, -1)) + 1.0
    each = (p * p).sum((-2, -1)) + (target * target).sum((-2, -1)) + 1.0
    return 1.0 - both / each


def soft_dice(p: Tensor, target: Tensor) -> Tensor:
    """``1 - 2|pt| / (|p| + |t|)``, per mask; keener on small masks than :func:`dice_loss`."""
    both = 2.0 * (p * target).sum((-2, -1)) + 0.1
    return 1.0 - both / (p.sum((-2, -1)) + target.sum((-2, -1)) + 0.1)


def cell_iou(logits: Tensor, target: Tensor) -> Tensor:
    """IoU of ``logits > 0`` with ``target > 0.5``, per mask; 1 where both are empty."""
    a, b = logits.detach() > 0, target > 0.5
    union = (a | b).sum((-2, -1)).float()
    both = (a & b).sum((-2, -1)).float()
    return torch.where(union > 0, both / union.clamp(min=1), torch.ones_like(union))


def best_reading(losses: Tensor) -> Tensor:
    """Loss of four masks: the first always, of the others the best one, and a little of the rest.

    The rest keeps a mask that never wins from drifting away.

    Args:
        losses: ``(P, 4)``.

    Returns:
        ``(P,)``.
    """
    readings = losses[:, 1:]
    return losses[:, 0] + readings.amin(1) + 0.03 * readings.mean(1)
