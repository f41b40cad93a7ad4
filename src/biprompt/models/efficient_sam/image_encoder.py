"""The image encoder of EfficientSAM: a plain vision transformer, every block over all tokens."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.efficient_sam.config import EfficientSamConfig
from biprompt.models.sam.config import STRIDE
from biprompt.models.sam.layers import Neck


class PatchEmbed(nn.Module):
    """Patches of 16x16 pixels as tokens."""

    def __init__(self, dim: int) -> None:
        """Make the convolution with random weights."""
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=STRIDE, stride=STRIDE)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, S, S)`` to ``(B, S/16, S/16, dim)``."""
        y: Tensor = self.proj(x)
        return y.permute(0, 2, 3, 1)


class Attention(nn.Module):
    """Self-attention with one projection for queries, keys and values."""

    def __init__(self, dim: int, heads: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, tokens, dim)`` to the same shape."""
        b, tokens, dim = x.shape
        qkv = self.qkv(x).view(b, tokens, 3, self.heads, dim // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        y: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return y


class Mlp(nn.Module):
    """Two linear layers around a GELU, with the names of timm."""

    def __init__(self, dim: int, hidden: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(..., dim)`` to the same shape."""
        y: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return y


class Block(nn.Module):
    """``x + attention(norm(x))``, then ``x + mlp(norm(x))``."""

    def __init__(self, dim: int, heads: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim, 4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, tokens, dim)`` to the same shape."""
        x = x + self.attn(self.norm1(x))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y


class ImageEncoder(nn.Module):
    """Images to their embedding."""

    def __init__(self, config: EfficientSamConfig) -> None:
        """Make the layers with random weights; positions start at zero."""
        super().__init__()
        dim = config.encoder_dim
        self.patch_embed = PatchEmbed(dim)
        # One row more than patches: pretraining had a class token, whose row is not used.
        self.pos_embed = nn.Parameter(torch.zeros(1, config.pretrained_grid**2 + 1, dim))
        self.blocks = nn.ModuleList(
            Block(dim, config.encoder_heads) for _ in range(config.encoder_depth)
        )
        self.neck = Neck(dim, config.dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, S, S)``, normalised, to ``(B, config.dim, S/16, S/16)``."""
        x = self.patch_embed(x)
        b, h, w, dim = x.shape
        x = (x + self._positions((h, w))).flatten(1, 2)
        for block in self.blocks:
            x = block(x)
        y: Tensor = self.neck(x.view(b, h, w, dim))
        return y

    def _positions(self, hw: tuple[int, int]) -> Tensor:
        """Return the learned positions at the size of the map, ``(1, *hw, dim)``."""
        side = math.isqrt(self.pos_embed.shape[1] - 1)
        learned = self.pos_embed[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
        if hw != (side, side):
            learned = F.interpolate(learned, size=hw, mode="bicubic", align_corners=False)
        return learned.permute(0, 2, 3, 1)
