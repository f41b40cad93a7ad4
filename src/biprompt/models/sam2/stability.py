"""Which mask answers an unambiguous prompt: the single one if it is stable, else the best of three.

The single mask of SAM 2 is the weaker one where a prompt is ambiguous after all. Its stability, how
little it changes with the threshold, tells when (Ravi et al., "SAM 2", 2024; `dynamic multimask via
stability` in the published settings).
"""

from __future__ import annotations

import torch
from torch import Tensor


def stability(logits: Tensor, delta: float) -> Tensor:
    """Compare a mask at a threshold a little above 0 with that a little below.

    Args:
        logits: ``(..., H, W)``.
        delta: how far from 0 both thresholds are.

    Returns:
        the IoU of both masks, ``(...)`` in [0, 1]; 1 where both are empty.
    """
    inner = (logits > delta).flatten(-2).sum(-1).float()
    outer = (logits > -delta).flatten(-2).sum(-1).float()
    return torch.where(outer > 0, inner / outer.clamp(min=1), 1.0)


def settle_single(
    logits: Tensor, iou: Tensor, *, delta: float, threshold: float
) -> tuple[Tensor, Tensor]:
    """Replace mask 0 by the best of the others where it is not stable.

    Args:
        logits: ``(N, 4, H, W)``.
        iou: predicted IoU, ``(N, 4)``.
        delta: as of `stability`.
        threshold: the stability from which mask 0 stays.

    Returns:
        logits and predicted IoU of the same shapes; masks 1 to 3 are as they were.
    """
    stable = stability(logits[:, 0], delta) >= threshold
    chosen = torch.where(stable, 0, 1 + iou[:, 1:].argmax(1))
    order = torch.arange(logits.shape[1], device=logits.device).repeat(logits.shape[0], 1)
    order[:, 0] = chosen
    rows = torch.arange(logits.shape[0], device=logits.device)[:, None]
    return logits[rows, order], iou[rows, order]
