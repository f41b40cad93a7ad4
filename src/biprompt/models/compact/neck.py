"""Feature pyramid: four backbone levels in, three feature maps and the similarity keys out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact.backbone import LEVELS
from biprompt.models.compact.config import CompactConfig
from biprompt.models.compact.layers import ResidualBlock, upsample2


class Neck(nn.Module):
    """Top-down pyramid with a global context term at its top."""

    def __init__(self, config: CompactConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        c4, c8, c16, c32 = LEVELS.values()
        w4, w8, w16 = config.width4, config.width8, config.width16
        self.heads = config.heads
        self.top = nn.Conv2d(c32, w16, 1)
        self.context = nn.Linear(w16, w16)
        self.block32 = ResidualBlock(w16)
        self.lateral16 = nn.Conv2d(c16, w16, 1)
        self.block16 = nn.Sequential(ResidualBlock(w16), ResidualBlock(w16))
        self.down8 = nn.Conv2d(w16, w8, 1)
        self.lateral8 = nn.Conv2d(c8, w8, 1)
        self.block8 = nn.Sequential(ResidualBlock(w8), ResidualBlock(w8))
        self.down4 = nn.Conv2d(w8, w4, 1)
        self.lateral4 = nn.Conv2d(c4, w4, 1)
        self.block4 = ResidualBlock(w4)
        self.key = nn.Conv2d(w8, config.heads * config.key_dim, 1)

    def forward(
        self, levels: tuple[Tensor, Tensor, Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Combine the levels of one image pass.

        Args:
            levels: ``(B, C, H/s, W/s)`` for strides s of 4, 8, 16 and 32, channels as in
                :data:`~biprompt.models.compact.backbone.LEVELS`.

        Returns:
            ``p4``, ``p8``, ``p16`` and ``key8``, shapes as in
            :class:`~biprompt.models.compact.values.Features`; each head of ``key8`` has unit
            length at every position.
        """
        c4, c8, c16, c32 = levels
        top = self.top(c32)
        top = top + self.context(F.relu(top.mean((2, 3))))[:, :, None, None]
        top = self.block32(top)
        p16 = self.block16(self.lateral16(c16) + upsample2(top))
        p8 = self.block8(self.lateral8(c8) + upsample2(self.down8(p16)))
        p4 = self.block4(self.lateral4(c4) + upsample2(self.down4(p8)))
        return p4, p8, p16, self._unit(self.key(p8))

    def _unit(self, key: Tensor) -> Tensor:
        b, c, h, w = key.shape
        split = key.reshape(b, self.heads, c // self.heads, h, w).float()
        norm = torch.sqrt((split * split).sum(2, keepdim=True) + 1e-6)
        return (split / norm).reshape(b, c, h, w)
