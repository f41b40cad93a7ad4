"""Self-attention of the image encoder, with relative positions that cost little memory."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_BIAS_ELEMENTS = 1 << 25
"""Most elements of the position bias that exist at one time: 128 MiB of float32."""


class RelativeAttention(nn.Module):
    """Attention over a square of tokens with decomposed relative positions.

    The logit of query ``(y, x)`` and key ``(v, u)`` is ``q.k / sqrt(d) + q.h[y - v] + q.w[x - u]``
    with learned tables ``h`` and ``w`` (Li et al., "MViTv2", 2022, eq. 4; the query of the last two
    terms is not scaled). For all pairs that bias is ``heads * side ** 4`` numbers, a gibibyte in
    ViT-H, so it is made for some rows of queries at a time.
    """

    def __init__(self, dim: int, heads: int, side: int) -> None:
        """Make the layers with random weights, for squares of `side` x `side` tokens."""
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, dim // heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, dim // heads))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, side, side, dim)`` to the same shape."""
        b, h, w, dim = x.shape
        qkv = self.qkv(x).view(b, h * w, 3, self.heads, dim // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        rows = max(1, _BIAS_ELEMENTS // (b * self.heads * w * h * w))
        bands = torch.split(query.unflatten(2, (h, w)), rows, dim=2)
        tables = torch.split(_by_pair(self.rel_pos_h, h), rows)
        columns = _by_pair(self.rel_pos_w, w)
        mixed = [
            F.scaled_dot_product_attention(
                band.flatten(2, 3), key, value, attn_mask=_bias(band, table, columns)
            ).transpose(1, 2)
            for band, table in zip(bands, tables, strict=True)
        ]
        y: Tensor = self.proj(torch.cat(mixed, 1).reshape(b, h, w, dim))
        return y


def _by_pair(table: Tensor, side: int) -> Tensor:
    """Rows of a table ``(2 * side - 1, d)`` by query and key: ``(side, side, d)``."""
    at = torch.arange(side, device=table.device)
    return table[at[:, None] - at[None, :] + side - 1]


def _bias(query: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """What positions add to the logits of some rows of queries.

    Args:
        query: ``(B, heads, r, w, d)``, unscaled.
        rows: ``(r, h, d)``, the table of vertical positions for these queries and all keys.
        columns: ``(w, w, d)``, that of horizontal positions.

    Returns:
        ``(B, heads, r * w, h * w)``.
    """
    # Contiguous terms: their sum takes their layout and is large, so it must not be copied.
    vertical = torch.einsum("bnhwd,hkd->bnhwk", query, rows).contiguous()
    horizontal = torch.einsum("bnhwd,wkd->bnhwk", query, columns).contiguous()
    bias = vertical[..., :, None] + horizontal[..., None, :]
    return bias.flatten(4).flatten(2, 3)
