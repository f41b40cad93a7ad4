"""The trunk of SAM 2: Hiera, a vision transformer that halves its map three times.

Ryali et al., "Hiera: A Hierarchical Vision Transformer without the Bells-and-Whistles", 2023; with
the window positions of Bolya et al., "Window Attention is Bugged", 2023.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam2.block import BlockConfig, HieraBlock
from biprompt.models.sam2.config import PATCH, HieraConfig


class PatchEmbed(nn.Module):
    """Overlapping patches of 7x7 pixels, every 4 pixels, as tokens."""

    def __init__(self, dim: int) -> None:
        """Make the convolution with random weights."""
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=7, stride=PATCH, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, S, S)`` to ``(B, S/4, S/4, dim)``."""
        y: Tensor = self.proj(x)
        return y.permute(0, 2, 3, 1)


class Hiera(nn.Module):
    """Images to four maps of features."""

    def __init__(self, config: HieraConfig) -> None:
        """Make the layers with random weights; positions start at zero."""
        super().__init__()
        dim, window, background = config.dim, config.windows[0], config.background
        self.stage_ends = config.stage_ends
        self.patch_embed = PatchEmbed(dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, dim, background, background))
        self.pos_embed_window = nn.Parameter(torch.zeros(1, dim, window, window))
        self.blocks = nn.ModuleList(HieraBlock(block) for block in plan(config))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Run all stages.

        Args:
            x: ``(B, 3, S, S)``, normalised.

        Returns:
            the output of each stage, ``(B, dims[i], S / (4 * 2**i), S / (4 * 2**i))``.
        """
        x = self.patch_embed(x)
        x = x + self._positions(x.shape[1], x.shape[2])
        levels = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in self.stage_ends:
                levels.append(x.permute(0, 3, 1, 2))
        return tuple(levels)

    def _positions(self, h: int, w: int) -> Tensor:
        """``(1, h, w, dim)``: a coarse map stretched over all tokens, plus one tile per window."""
        side = self.pos_embed_window.shape[-1]
        coarse = F.interpolate(self.pos_embed, size=(h, w), mode="bicubic", align_corners=False)
        tiles = self.pos_embed_window.repeat(1, 1, h // side, w // side)
        return (coarse + tiles).permute(0, 2, 3, 1)


def plan(config: HieraConfig) -> list[BlockConfig]:
    """Return the shape of every block, in order.

    The first block of a stage still attends in the windows of the stage before, as it pools them.
    """
    blocks: list[BlockConfig] = []
    for stage, depth in enumerate(config.stages):
        for first in (index == 0 and stage > 0 for index in range(depth)):
            source = stage - 1 if first else stage
            everywhere = len(blocks) in config.global_blocks
            blocks.append(
                BlockConfig(
                    dim_in=config.dims[source],
                    dim=config.dims[stage],
                    heads=config.heads * 2**stage,
                    window=None if everywhere else config.windows[source],
                    pool=first,
                )
            )
    return blocks
