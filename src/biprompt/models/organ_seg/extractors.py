"""The two networks that Organ-Seg puts on the vision-language embedding F_vl.

The paper calls them "nothing but simple neural networks" and gives no layers. Here each looks at
the embeddings of the whole prompt, picture and words, with a few queries made from its last
position, which in a causal model has read everything; two linear layers follow.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.checks import check_heads


class Gatherer(nn.Module):
    """A few queries over a sequence: ``(B, T, width)`` to ``(B, queries, dim)``.

    Args:
        width: of the sequence.
        dim: of what comes out.
        queries: how many.
        heads: of the attention; they divide `dim`.
    """

    def __init__(self, width: int, dim: int, queries: int, heads: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        check_heads(dim, heads)
        self.queries, self.heads = queries, heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, queries * dim)
        self.key, self.value = nn.Linear(width, dim), nn.Linear(width, dim)
        self.last = nn.Linear(width, dim)

    def forward(self, sequence: Tensor, real: Tensor) -> Tensor:
        """Gather.

        Args:
            sequence: ``(B, T, width)``.
            real: ``(B, T)``, 0 where the sequence is filled up, on the right.
        """
        x = self.norm(sequence)
        end = x[range(len(x)), real.sum(1) - 1]
        parts = (self.query(end).unflatten(1, (self.queries, -1)), self.key(x), self.value(x))
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        found = F.scaled_dot_product_attention(q, k, v, attn_mask=real[:, None, None].bool())
        y: Tensor = found.transpose(1, 2).flatten(2) + self.last(end)[:, None]
        return y


class Extractor(nn.Module):
    """`Gatherer` and two linear layers: ``(B, T, width)`` to ``(B, queries, out)``."""

    def __init__(self, width: int, dim: int, out: int, *, queries: int = 1, heads: int = 4) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.gather = Gatherer(width, dim, queries, heads)
        self.layers = nn.Sequential(
            nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, out)
        )

    def forward(self, sequence: Tensor, real: Tensor) -> Tensor:
        """Return ``(B, queries, out)``; arguments as `Gatherer`."""
        y: Tensor = self.layers(self.gather(sequence, real))
        return y


class SegmentInformationExtractor(Extractor):
    """F_vl to F_seg: the prompt tokens of MedSAM's decoder, ``(B, tokens, 256)``."""


class InformationOfInterestExtractor(Extractor):
    """F_vl to F_t, which is compared with the context cache: ``(B, 1, features)``."""
