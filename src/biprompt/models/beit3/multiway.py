"""Two streams of tokens, and modules that hold one copy of themselves for each.

Image and words stay in tensors of their own. Only attention needs them side by side, so only its
queries, keys and values are ever concatenated; everything else reads and writes a stream in place
of a slice of one long sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Streams(NamedTuple):
    """The tokens of both modalities; one that is absent has a length of zero."""

    visual: Tensor
    """``(P, N, C)``: the image [CLS], then the patches."""
    text: Tensor
    """``(P, T, C)``: ``<s>``, the pieces of the phrase, ``</s>``, padding."""

    def joined(self) -> Tensor:
        """Return both as one sequence, ``(P, N + T, C)``."""
        return torch.cat(self, 1)

    def split(self, joined: Tensor) -> Streams:
        """Return ``(P, N + T, C)`` as views, cut where these streams meet."""
        where = self.visual.shape[1]
        return Streams(joined[:, :where], joined[:, where:])

    def plus(self, other: Streams) -> Streams:
        """Return the sum, stream by stream."""
        return Streams(self.visual + other.visual, self.text + other.text)


class Multiway(nn.Module):
    """One module for visual tokens and one of the same kind for text tokens.

    The copies are called ``A`` (visual) and ``B`` (text), as in the official checkpoints.
    """

    def __init__(self, visual: nn.Module, text: nn.Module) -> None:
        """Hold both copies."""
        super().__init__()
        self.A = visual
        self.B = text

    @classmethod
    def twice(cls, make: Callable[[], nn.Module]) -> Multiway:
        """Return two modules of the same sizes, each with weights of its own."""
        return cls(make(), make())

    def forward(self, x: Streams) -> Streams:
        """Apply each copy to its stream."""
        return Streams(self.A(x.visual), self.B(x.text))


def multiway_linear(inputs: int, outputs: int) -> Multiway:
    """Return a linear layer for each modality."""
    return Multiway.twice(lambda: nn.Linear(inputs, outputs))


def multiway_norm(dim: int, eps: float) -> Multiway:
    """Return a LayerNorm for each modality."""
    return Multiway.twice(lambda: nn.LayerNorm(dim, eps))
