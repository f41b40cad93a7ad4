"""The multiway encoder (BEiT-3, arXiv 2208.10442, section 2.1)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.beit3.attention import KeyMasks, MultiwayAttention
from biprompt.models.beit3.config import FIRST_POSITION, Beit3Config
from biprompt.models.beit3.embeddings import PositionTable
from biprompt.models.beit3.multiway import Multiway, Streams, multiway_norm


class FeedForward(nn.Module):
    """Two linear layers with GELU and a LayerNorm (sub-LN) between them."""

    def __init__(self, config: Beit3Config) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.fc1 = nn.Linear(config.dim, config.ffn_dim)
        self.ffn_layernorm = nn.LayerNorm(config.ffn_dim, config.eps)
        self.fc2 = nn.Linear(config.ffn_dim, config.dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(P, L, C)`` to the same shape."""
        y: Tensor = self.fc2(self.ffn_layernorm(F.gelu(self.fc1(x))))
        return y


class EncoderLayer(nn.Module):
    """Attention, then a feed-forward network of each modality; both pre-norm and residual."""

    def __init__(self, config: Beit3Config) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.self_attn_layer_norm = multiway_norm(config.dim, config.eps)
        self.self_attn = MultiwayAttention(config)
        self.final_layer_norm = multiway_norm(config.dim, config.eps)
        self.ffn = Multiway.twice(lambda: FeedForward(config))

    def forward(self, x: Streams, masks: KeyMasks, joint: bool) -> Streams:
        """Return streams of the same shapes; `joint` as in `MultiwayAttention`."""
        x = x.plus(self.self_attn(self.self_attn_layer_norm(x), masks, joint))
        return x.plus(self.ffn(self.final_layer_norm(x)))


class Encoder(nn.Module):
    """Positions, the layers, and a last LayerNorm."""

    def __init__(self, config: Beit3Config) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.embed_positions = Multiway(
            PositionTable(FIRST_POSITION + config.visual_tokens, config.dim),
            PositionTable(config.text_positions, config.dim),
        )
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.layer_norm = multiway_norm(config.dim, config.eps)

    def forward(
        self, x: Streams, text_mask: Tensor | None = None, joint_layers: int | None = None
    ) -> Streams:
        """Encode embedded tokens.

        Args:
            x: tokens without positions; either stream may be empty.
            text_mask: ``(P, T)`` bool, True at real tokens; None when there is no padding. What
                stands at padded places changes nothing at real ones.
            joint_layers: in the first so many layers every token sees every other; in the later
                ones image and text see only themselves. None means all layers.

        Returns:
            Streams of the same shapes, normalised.

        Raises:
            InputError: too many tokens, or a mask of another shape or dtype.
        """
        masks = KeyMasks.of(x, text_mask)
        x = x.plus(self.embed_positions(x))
        if text_mask is not None:
            x = x._replace(text=x.text.masked_fill(~text_mask[..., None], 0.0))
        joint = len(self.layers) if joint_layers is None else joint_layers
        for index, layer in enumerate(self.layers):
            x = layer(x, masks, index < joint)
        last: Streams = self.layer_norm(x)
        return last
