"""Two-way attention between prompt tokens and the image.

Source: Kirillov et al., "Segment Anything", 2023, appendix A. Names are those of the published
weights. ``N`` prompts may share one image: its tokens then have a first axis of 1 for as long as
they are the same for all prompts, which the first layer's projections are.
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam.layers import Mlp

_DOWNSAMPLE = 2
"""How much narrower the attention between tokens and image is."""


class Attention(nn.Module):
    """Multi-head attention with separate projections.

    Args:
        dim: width of the tokens.
        heads: attention heads.
        inner: width inside; a multiple of `heads`.
    """

    def __init__(self, dim: int, heads: int, inner: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(dim, inner)
        self.k_proj = nn.Linear(dim, inner)
        self.v_proj = nn.Linear(dim, inner)
        self.out_proj = nn.Linear(inner, dim)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend.

        Args:
            query: ``(N, Q, dim)`` or ``(1, Q, dim)``.
            key: ``(N, K, dim)`` or ``(1, K, dim)``.
            value: of the shape of `key`.

        Returns:
            ``(N, Q, dim)``.
        """
        # The shape, not `len`: while a graph is traced it stays a variable.
        count = (key if len(query) == 1 else query).shape[0]
        q, k, v = (
            projection(x).unflatten(-1, (self.heads, -1)).transpose(1, 2).expand(count, -1, -1, -1)
            for projection, x in ((self.q_proj, query), (self.k_proj, key), (self.v_proj, value))
        )
        y: Tensor = self.out_proj(
            F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        )
        return y


class TwoWayLayer(nn.Module):
    """Tokens among themselves, tokens to image, MLP on tokens, image to tokens.

    Args:
        dim: width of the tokens.
        heads: attention heads.
        mlp: MLP of the tokens, ``(N, T, dim)`` to the same shape.
        first: whether this is the first layer, where the tokens are still their own positions, so
            that these are not added and the self-attention replaces them.
    """

    def __init__(self, dim: int, heads: int, mlp: nn.Module, first: bool) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.self_attn = Attention(dim, heads, dim)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = Attention(dim, heads, dim // _DOWNSAMPLE)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = mlp
        self.norm3 = nn.LayerNorm(dim)
        self.norm4 = nn.LayerNorm(dim)
        self.cross_attn_image_to_token = Attention(dim, heads, dim // _DOWNSAMPLE)
        self.first = first

    def forward(
        self, tokens: Tensor, image: Tensor, token_pe: Tensor, image_pe: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Let both look at each other.

        Args:
            tokens: ``(N, T, dim)``.
            image: ``(N, H * W, dim)`` or ``(1, H * W, dim)``.
            token_pe: positions of tokens, ``(N, T, dim)``.
            image_pe: positions of the image's cells, ``(1, H * W, dim)``.

        Returns:
            new tokens ``(N, T, dim)`` and image ``(N, H * W, dim)``.
        """
        tokens = self.norm1(self.among_tokens(tokens, token_pe))
        placed_image = image + image_pe
        seen = self.cross_attn_token_to_image(tokens + token_pe, placed_image, image)
        tokens = self.norm2(tokens + seen)
        tokens = self.norm3(tokens + self.mlp(tokens))
        asked = self.cross_attn_image_to_token(placed_image, tokens + token_pe, tokens)
        return tokens, self.norm4(image + asked)

    def among_tokens(self, tokens: Tensor, token_pe: Tensor) -> Tensor:
        """Self-attention: tokens and their positions, both ``(N, T, dim)``, to the same shape."""
        if self.first:
            return self.self_attn(tokens, tokens, tokens)  # type: ignore[no-any-return]
        placed = tokens + token_pe
        y: Tensor = self.self_attn(placed, placed, tokens)
        return tokens + y


def relu_mlp(dim: int, hidden: int) -> nn.Module:
    """The MLP of SAM's two-way layers."""
    return Mlp(dim, hidden, F.relu)


class TwoWayTransformer(nn.Module):
    """Two-way layers and a last look of the tokens at the image.

    Args:
        dim: width of the tokens.
        depth: number of layers.
        heads: attention heads.
        hidden: width of the hidden layer of each layer's MLP.
        mlp: makes that MLP from `dim` and `hidden` (other models name its layers otherwise).
        layer: makes a layer from what `TwoWayLayer` takes.
    """

    def __init__(
        self,
        dim: int,
        depth: int,
        heads: int,
        hidden: int,
        mlp: Callable[[int, int], nn.Module] = relu_mlp,
        layer: Callable[[int, int, nn.Module, bool], TwoWayLayer] = TwoWayLayer,
    ) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.layers = nn.ModuleList(
            layer(dim, heads, mlp(dim, hidden), index == 0) for index in range(depth)
        )
        self.final_attn_token_to_image = Attention(dim, heads, dim // _DOWNSAMPLE)
        self.norm_final_attn = nn.LayerNorm(dim)

    def forward(self, image: Tensor, image_pe: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens that have seen the image, and an image that has seen the tokens.

        Args:
            image: ``(N, dim, H, W)`` or ``(1, dim, H, W)``.
            image_pe: ``(1, dim, H, W)``.
            tokens: ``(N, T, dim)``; they are also their own positions.

        Returns:
            tokens ``(N, T, dim)`` and image ``(N, H * W, dim)``.
        """
        keys, places = (x.flatten(2).transpose(1, 2) for x in (image, image_pe))
        queries = tokens
        for layer in self.layers:
            queries, keys = layer(queries, keys, tokens, places)
        seen = self.final_attn_token_to_image(queries + tokens, keys + places, keys)
        return self.norm_final_attn(queries + seen), keys
