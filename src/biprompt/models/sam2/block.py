"""One block of Hiera: attention in windows, or everywhere, that may halve the map."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam.windows import cut, join
from biprompt.models.sam2.mlp import Mlp


@dataclass(frozen=True, slots=True)
class BlockConfig:
    """Sizes of one block.

    Attributes:
        dim_in: width of what comes in.
        dim: width of what goes out.
        heads: attention heads.
        window: side of the windows in tokens of what comes in; None attends everywhere.
        pool: whether height and width are halved.
    """

    dim_in: int
    dim: int
    heads: int
    window: int | None
    pool: bool


def halve(x: Tensor) -> Tensor:
    """Return the largest of each 2x2 cells: ``(B, H, W, C)`` to ``(B, H/2, W/2, C)``."""
    return F.max_pool2d(x.permute(0, 3, 1, 2), kernel_size=2).permute(0, 2, 3, 1)


class PoolingAttention(nn.Module):
    """Attention over all tokens of a map, with queries that may be pooled first."""

    def __init__(self, dim_in: int, dim: int, heads: int, pool: bool) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.heads = heads
        self.pool = pool
        self.qkv = nn.Linear(dim_in, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, H, W, dim_in)`` to ``(B, H, W, dim)``, or to half that height and width."""
        query, key, value = self.qkv(x).chunk(3, dim=-1)
        query = halve(query) if self.pool else query
        q, k, v = (self._split(tokens) for tokens in (query, key, value))
        mixed = F.scaled_dot_product_attention(q, k, v)
        y: Tensor = self.proj(mixed.transpose(1, 2).reshape(query.shape))
        return y

    def _split(self, x: Tensor) -> Tensor:
        """``(B, H, W, dim)`` to ``(B, heads, H * W, dim / heads)``."""
        b, h, w, dim = x.shape
        return x.reshape(b, h * w, self.heads, dim // self.heads).transpose(1, 2)


class HieraBlock(nn.Module):
    """``x + attention(norm(x))``, then ``x + mlp(norm(x))``.

    Where the width changes, the first ``x`` is projected from its normalised values and pooled.
    """

    def __init__(self, config: BlockConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        dim_in, dim = config.dim_in, config.dim
        self.window = config.window
        self.pool = config.pool
        self.norm1 = nn.LayerNorm(dim_in, eps=1e-6)
        self.attn = PoolingAttention(dim_in, dim, config.heads, config.pool)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim, 4 * dim, nn.GELU())
        self.proj = nn.Linear(dim_in, dim) if dim_in != dim else None

    def forward(self, x: Tensor) -> Tensor:
        """``(B, H, W, dim_in)`` to ``(B, H, W, dim)``, or to half that height and width."""
        normed = self.norm1(x)
        kept = x if self.proj is None else self.proj(normed)
        kept = halve(kept) if self.pool else kept
        x = kept + self._attend(normed, (kept.shape[1], kept.shape[2]))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y

    def _attend(self, x: Tensor, hw: tuple[int, int]) -> Tensor:
        """``(B, H, W, dim_in)`` to ``(B, *hw, dim)``, window by window where there are windows."""
        if self.window is None:
            y: Tensor = self.attn(x)
            return y
        return join(self.attn(cut(x, self.window)), hw)
