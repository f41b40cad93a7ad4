"""From four levels of features to one mask."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact.backbone import LEVELS
from biprompt.models.compact.layers import ResidualBlock, upsample2
from biprompt.models.guided.config import GuidedConfig

Levels = tuple[Tensor, Tensor, Tensor, Tensor]


class GuidedDecoder(nn.Module):
    """Top down over strides 32, 16, 8 and 4, with the mean of the whole image at the top."""

    def __init__(self, config: GuidedConfig) -> None:
        """Make the layers; masks start mostly empty."""
        super().__init__()
        c4, c8, c16, c32 = LEVELS.values()
        w4, w8, w16 = config.width4, config.width8, config.width16
        self.top = nn.Conv2d(c32, w16, 1)
        self.context = nn.Linear(w16, w16)
        self.lateral16 = nn.Conv2d(c16, w16, 1)
        self.block16 = ResidualBlock(w16)
        self.down8 = nn.Conv2d(w16, w8, 1)
        self.lateral8 = nn.Conv2d(c8, w8, 1)
        self.block8 = ResidualBlock(w8)
        self.down4 = nn.Conv2d(w8, w4, 1)
        self.lateral4 = nn.Conv2d(c4, w4, 1)
        self.block4 = ResidualBlock(w4)
        self.mask = nn.Conv2d(w4, 1, 3, padding=1)
        nn.init.constant_(self.mask.bias, -1.5)  # type: ignore[arg-type]  # it has a bias

    def forward(self, levels: Levels, added: tuple[Tensor, Tensor, Tensor] | None) -> Tensor:
        """Mask logits.

        Args:
            levels: ``(B, C, H/s, W/s)`` for strides s of 4, 8, 16 and 32.
            added: what a second stream adds at strides 4, 8 and 16, or None.

        Returns:
            ``(B, 1, H/4, W/4)``.
        """
        c4, c8, c16, c32 = levels
        extra4, extra8, extra16 = added or (0.0, 0.0, 0.0)
        top = self.top(c32)
        top = top + self.context(F.relu(top.mean((2, 3))))[:, :, None, None]
        x16 = self.block16(self.lateral16(c16) + upsample2(top) + extra16)
        x8 = self.block8(self.lateral8(c8) + upsample2(self.down8(x16)) + extra8)
        x4 = self.block4(self.lateral4(c4) + upsample2(self.down4(x8)) + extra4)
        logits: Tensor = self.mask(F.relu(x4))
        return logits
