"""The tensors that pass between the parts of the embedded model.

Model frame: pixels of the resized image, ``(x, y)``; ``H`` and ``W`` are multiples of 32.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Features(NamedTuple):
    """One image pass. Everything later reads these."""

    p4: Tensor
    """``(B, 32, H/4, W/4)``."""
    p8: Tensor
    """``(B, 64, H/8, W/8)``."""
    p16: Tensor
    """``(B, 128, H/16, W/16)``."""
    key8: Tensor
    """``(B, 64, H/8, W/8)``: similarity keys, each head of unit length."""
    c32: Tensor
    """``(B, 320, H/32, W/32)``: the backbone's last level, read by the words."""
    sem32: Tensor
    """``(B, word_dim, H/32, W/32)``: what each place resembles, as a word vector."""

    def gather(self, index: Tensor) -> Features:
        """One entry per prompt: ``index`` ``(P,)`` int64 says which image it belongs to."""
        return Features(*(level[index] for level in self))

    def detach(self) -> Features:
        """The same values without their history."""
        return Features(*(level.detach() for level in self))


class SpatialPrompts(NamedTuple):
    """Clicks (scribbles are rows of them), box and mask of ``P`` prompts."""

    xy: Tensor
    """``(P, N, 2)`` float, model frame."""
    labels: Tensor
    """``(P, N)`` float: 1 adds, 0 removes, -1 is padding."""
    box: Tensor
    """``(P, 4)`` float xyxy, model frame."""
    has_box: Tensor
    """``(P,)`` float, 0 or 1."""
    mask: Tensor
    """``(P, 1, H/4, W/4)`` float in [0, 1]: covered part of each cell."""
    has_mask: Tensor
    """``(P,)`` float, 0 or 1."""

    @classmethod
    def nothing(cls, count: int, hw4: tuple[int, int], device: torch.device) -> SpatialPrompts:
        """``count`` prompts that point at nothing (for text alone)."""
        zeros = torch.zeros
        return cls(
            zeros(count, 1, 2, device=device), zeros(count, 1, device=device) - 1.0,
            zeros(count, 4, device=device), zeros(count, device=device),
            zeros(count, 1, *hw4, device=device), zeros(count, device=device),
        )  # fmt: skip


class TextPrompts(NamedTuple):
    """Phrases after fusion with the image, for ``P`` prompts."""

    query: Tensor
    """``(P, text_dim)``: the projected [CLS] token."""
    prior: Tensor
    """``(P, 1, H/16, W/16)``: logits of where the phrase points."""
    has_text: Tensor
    """``(P,)`` float, 0 or 1."""

    @classmethod
    def nothing(
        cls, count: int, dim: int, hw16: tuple[int, int], device: torch.device
    ) -> TextPrompts:
        """``count`` prompts without words."""
        zeros = torch.zeros
        return cls(
            zeros(count, dim, device=device),
            zeros(count, 1, *hw16, device=device),
            zeros(count, device=device),
        )
