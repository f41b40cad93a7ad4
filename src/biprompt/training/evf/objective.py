"""From a batch to the sum of its losses: what one pass of a process works out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.geometry import ModelFrame
from biprompt.models.sam.values import SamPrompts
from biprompt.training.evf.batches import Batch, Features
from biprompt.training.evf.clip import Network
from biprompt.training.evf.losses import bce_loss, dice_loss


class Losses(NamedTuple):
    """Of each mask of a batch, ``(P,)`` float32. FSDP looks for gradients in tuples alone."""

    bce: Tensor
    dice: Tensor


class EvfObjective(nn.Module):
    """EVF-SAM with its loss as one module, so that wrappers of torch see one forward pass.

    Args:
        model: learns.
    """

    def __init__(self, model: Network) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, batch: Batch, features: Features | None = None, *, answer: bool = False
    ) -> Losses | Sequence[Tensor]:
        """The losses of each mask, at the size of its picture; or the masks themselves.

        Args:
            batch: pictures, phrases, masks.
            features: what SAM saw of the pictures, ``(I, ...)``; None looks at ``batch.canvas``.
            answer: return logits on SAM's canvas instead, for each picture ``(n, S/4, S/4)``.
        """
        logits = self._logits(batch, features)
        if answer:
            return logits
        pairs = [
            (to_original(rows, frame), target.float())
            for rows, frame, target in zip(logits, batch.frames, batch.targets, strict=True)
        ]
        return Losses(
            torch.cat([bce_loss(x, y) for x, y in pairs]),
            torch.cat([dice_loss(x, y) for x, y in pairs]),
        )

    def _logits(self, batch: Batch, features: Features | None) -> Sequence[Tensor]:
        kind = next(self.model.text_hidden_fcs.parameters()).dtype
        if features is None:
            if batch.canvas is None:
                raise ValueError("a batch to look at has a canvas")
            features = self.model.encode_image(batch.canvas.to(kind))
        tokens = self.model.phrase_tokens(
            batch.beit.to(kind), batch.ids, batch.real, batch.image_of
        )
        shown = {name: level.to(kind)[batch.image_of] for name, level in features.items()}
        logits, _ = self.model.decode(shown, SamPrompts(text=tokens))
        counts = [len(target) for target in batch.targets]
        return torch.split(logits[:, 0].float(), counts)


def to_original(logits: Tensor, frame: ModelFrame) -> Tensor:
    """Resize logits as the official code does, and as `biprompt.geometry.masks_in_frame` does.

    Args:
        logits: ``(n, h, w)`` float32 that cover the canvas.
        frame: how SAM saw the picture.

    Returns:
        ``(n, H, W)`` in the original picture.
    """
    x = logits[:, None]
    if frame.is_padded:
        height, width = frame.model_hw
        x = _bilinear(x, frame.canvas_hw)[..., :height, :width]
    return _bilinear(x, frame.original_hw)[:, 0]


def _bilinear(x: Tensor, hw: tuple[int, int]) -> Tensor:
    return F.interpolate(x, hw, mode="bilinear", align_corners=False)
