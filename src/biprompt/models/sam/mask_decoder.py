"""The mask decoder of SAM: prompts and an image's embedding to masks and their predicted IoU.

Source: Kirillov et al., "Segment Anything", 2023, appendix A. Names are those of the published
weights.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam.config import MASKS, SamConfig
from biprompt.models.sam.layers import LayerNorm2d
from biprompt.models.sam.transformer import TwoWayTransformer


class MlpHead(nn.Module):
    """Three linear layers with ReLU between them."""

    def __init__(self, dim: int, hidden: int, out: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.layers = nn.ModuleList(
            (nn.Linear(dim, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, out))
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(..., dim)`` to ``(..., out)``."""
        first, second, last = self.layers
        y: Tensor = last(F.relu(second(F.relu(first(x)))))
        return y


class MaskDecoder(nn.Module):
    """Four masks per prompt, each a product of its token with upscaled image features.

    Args:
        config: sizes; the defaults are those of SAM.
    """

    def __init__(self, config: SamConfig | None = None) -> None:
        """Make the layers with random weights."""
        super().__init__()
        config = config or SamConfig()
        dim, sizes = config.dim, config.decoder
        self.transformer = TwoWayTransformer(dim, sizes.depth, sizes.heads, sizes.mlp)
        self.iou_token = nn.Embedding(1, dim)
        self.mask_tokens = nn.Embedding(MASKS, dim)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(dim, dim // 4, 2, stride=2), LayerNorm2d(dim // 4), nn.GELU(),
            nn.ConvTranspose2d(dim // 4, dim // 8, 2, stride=2), nn.GELU(),
        )  # fmt: skip
        self.output_hypernetworks_mlps = nn.ModuleList(
            MlpHead(dim, dim, dim // 8) for _ in range(MASKS)
        )
        self.iou_prediction_head = MlpHead(dim, sizes.iou_hidden, MASKS)

    def forward(
        self, image: Tensor, image_pe: Tensor, sparse: Tensor, dense: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            image: its embedding, ``(1, dim, H, W)`` or ``(N, dim, H, W)``.
            image_pe: positions of its cells, ``(1, dim, H, W)``.
            sparse: prompt tokens, ``(N, T, dim)``; ``T`` may be 0.
            dense: prompts on the image, ``(N, dim, H, W)`` or ``(1, dim, H, W)``.

        Returns:
            mask logits ``(N, 4, 4H, 4W)`` and predicted IoU ``(N, 4)``.
        """
        h, w = image.shape[2:]
        own = torch.cat((self.iou_token.weight, self.mask_tokens.weight))
        tokens = torch.cat((own.expand(sparse.shape[0], -1, -1), sparse), 1)
        seen, cells = self.transformer(image + dense, image_pe, tokens)
        features = self.output_upscaling(cells.transpose(1, 2).unflatten(2, (h, w)))
        logits = draw(self.output_hypernetworks_mlps, seen[:, 1 : 1 + MASKS], features)
        return logits, self.iou_prediction_head(seen[:, 0])


def draw(mlps: nn.ModuleList, tokens: Tensor, features: Tensor) -> Tensor:
    """Turn each token into weights of the features: a mask is the weighted sum of their channels.

    Args:
        mlps: one per mask, ``(N, dim)`` to ``(N, C)``.
        tokens: ``(N, M, dim)`` for ``M`` masks.
        features: ``(N, C, H, W)``.

    Returns:
        mask logits ``(N, M, H, W)``.
    """
    weights = [mlp(token) for mlp, token in zip(mlps, tokens.unbind(1), strict=True)]
    return torch.einsum("nmc,nchw->nmhw", torch.stack(weights, 1), features)
