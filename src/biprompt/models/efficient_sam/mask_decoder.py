"""The mask decoder of EfficientSAM: that of SAM with other MLPs, norms and self-attention.

Source: Xiong et al., "EfficientSAM", 2023. Names are those of the published weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.models.efficient_sam.config import EfficientSamConfig
from biprompt.models.efficient_sam.mlp import Mlp
from biprompt.models.sam.config import MASKS
from biprompt.models.sam.mask_decoder import draw
from biprompt.models.sam.transformer import TwoWayLayer, TwoWayTransformer


class EfficientLayer(TwoWayLayer):
    """A two-way layer in whose self-attention the values carry positions too.

    In SAM the first layer's attention replaces the tokens; here it is added to them as well.
    """

    def among_tokens(self, tokens: Tensor, token_pe: Tensor) -> Tensor:
        """``(N, T, dim)`` twice to the same shape."""
        placed = tokens if self.first else tokens + token_pe
        y: Tensor = placed + self.self_attn(placed, placed, placed)
        return y


class MaskDecoder(nn.Module):
    """Four masks per prompt, each a product of its token with upscaled image features."""

    def __init__(self, config: EfficientSamConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        dim, sizes = config.dim, config.decoder
        fine, finer = sizes.upscaling
        self.transformer = TwoWayTransformer(
            dim, sizes.depth, sizes.heads, sizes.mlp, _one_hidden, EfficientLayer
        )
        self.iou_token = nn.Embedding(1, dim)
        self.mask_tokens = nn.Embedding(MASKS, dim)
        self.final_output_upscaling_layers = nn.Sequential(
            nn.Sequential(_double(dim, fine), nn.GroupNorm(1, fine), nn.GELU()),
            nn.Sequential(_double(fine, finer), nn.GELU()),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            Mlp(dim, dim, finer, depth=2) for _ in range(MASKS)
        )
        self.iou_prediction_head = Mlp(dim, sizes.iou_hidden, MASKS, depth=2)

    def forward(self, image: Tensor, image_pe: Tensor, sparse: Tensor) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            image: its embedding, ``(1, dim, H, W)`` or ``(N, dim, H, W)``.
            image_pe: positions of its cells, ``(1, dim, H, W)``.
            sparse: prompt tokens, ``(N, T, dim)``.

        Returns:
            mask logits ``(N, 4, 4H, 4W)`` and predicted IoU ``(N, 4)``.
        """
        own = torch.cat((self.iou_token.weight, self.mask_tokens.weight))
        tokens = torch.cat((own.expand(sparse.shape[0], -1, -1), sparse), 1)
        seen, cells = self.transformer(image, image_pe, tokens)
        cells = cells.transpose(1, 2).unflatten(2, image.shape[2:])
        features = self.final_output_upscaling_layers(cells)
        logits = draw(self.output_hypernetworks_mlps, seen[:, 1 : 1 + MASKS], features)
        return logits, self.iou_prediction_head(seen[:, 0])


def _double(channels: int, out: int) -> nn.Module:
    return nn.ConvTranspose2d(channels, out, 2, stride=2)


def _one_hidden(dim: int, hidden: int) -> nn.Module:
    return Mlp(dim, hidden, dim, depth=1)
