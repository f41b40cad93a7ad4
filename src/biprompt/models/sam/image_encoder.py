"""The image encoder of SAM: a plain vision transformer, windowed but for a few blocks.

Source: Li et al., "Exploring Plain Vision Transformer Backbones for Object Detection", 2022, as
used in Kirillov et al., "Segment Anything", 2023. Names are those of the published weights.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam import windows
from biprompt.models.sam.attention import RelativeAttention
from biprompt.models.sam.config import STRIDE, VitConfig
from biprompt.models.sam.layers import Mlp, Neck


class PatchEmbed(nn.Module):
    """Each patch of 16 x 16 pixels to one token."""

    def __init__(self, dim: int) -> None:
        """Make the layer with random weights."""
        super().__init__()
        self.proj = nn.Conv2d(3, dim, STRIDE, stride=STRIDE)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, S, S)`` to ``(B, S/16, S/16, dim)``."""
        y: Tensor = self.proj(x)
        return y.permute(0, 2, 3, 1)


class Block(nn.Module):
    """Attention and MLP, each normalised before and added.

    Args:
        config: sizes of the encoder.
        window: side of the windows to attend in; None attends over the whole image.
    """

    def __init__(self, config: VitConfig, window: int | None) -> None:
        """Make the layers with random weights."""
        super().__init__()
        side = window or config.image_size // STRIDE
        self.window = window
        self.norm1 = nn.LayerNorm(config.dim, eps=1e-6)
        self.attn = RelativeAttention(config.dim, config.heads, side)
        self.norm2 = nn.LayerNorm(config.dim, eps=1e-6)
        self.mlp = Mlp(config.dim, config.mlp, F.gelu)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, H, W, dim)`` to the same shape."""
        x = x + self._attend(self.norm1(x))
        y: Tensor = self.mlp(self.norm2(x))
        return x + y

    def _attend(self, x: Tensor) -> Tensor:
        if self.window is None:
            return self.attn(x)  # type: ignore[no-any-return]
        # The zeros that fill windows are attended to, as they were in training.
        return windows.join(self.attn(windows.cut(x, self.window)), (x.shape[1], x.shape[2]))


class ImageEncoder(nn.Module):
    """SAM's vision transformer.

    Args:
        config: sizes; the defaults are those of ViT-H.
    """

    def __init__(self, config: VitConfig | None = None) -> None:
        """Make the network with random weights."""
        super().__init__()
        config = config or VitConfig()
        grid = config.image_size // STRIDE
        self.patch_embed = PatchEmbed(config.dim)
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, config.dim))
        self.blocks = nn.ModuleList(
            Block(config, None if index in config.global_blocks else config.window)
            for index in range(config.depth)
        )
        self.neck = Neck(config.dim, config.out_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised images ``(B, 3, S, S)`` to the embedding ``(B, out_dim, S/16, S/16)``."""
        return self.with_early(x)[0]

    def with_early(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The embedding, and what the first block that sees the whole image gives.

        Args:
            x: ``(B, 3, S, S)``, normalised.

        Returns:
            ``(B, out_dim, S/16, S/16)`` and ``(B, S/16, S/16, dim)``.
        """
        x = self.patch_embed(x) + self.pos_embed
        early = None
        for block in self.blocks:
            x = block(x)
            if early is None and block.window is None:
                early = x
        return self.neck(x), x if early is None else early
