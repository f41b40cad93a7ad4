"""The mask decoder of SAM 2: that of SAM, with finer features and a score for presence.

Source: Ravi et al., "SAM 2", 2024. Names are those of the published weights.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam.config import MASKS
from biprompt.models.sam.layers import LayerNorm2d
from biprompt.models.sam.mask_decoder import MlpHead, draw
from biprompt.models.sam.transformer import TwoWayTransformer
from biprompt.models.sam2.config import Sam2Config
from biprompt.models.sam2.mlp import Mlp


class Decoded(NamedTuple):
    """What the decoder says about ``N`` prompts.

    Attributes:
        logits: of masks, ``(N, 4, 4H, 4W)``.
        iou: predicted, in [0, 1], ``(N, 4)``.
        object_score: logit that the prompted object is in the image, ``(N, 1)``.
    """

    logits: Tensor
    iou: Tensor
    object_score: Tensor


class MaskDecoder(nn.Module):
    """Four masks per prompt, each a product of its token with upscaled image features.

    Args:
        config: sizes; the defaults are those of SAM 2.
    """

    def __init__(self, config: Sam2Config | None = None) -> None:
        """Make the layers with random weights."""
        super().__init__()
        config = config or Sam2Config()
        dim, sizes = config.dim, config.decoder
        self.transformer = TwoWayTransformer(dim, sizes.depth, sizes.heads, sizes.mlp, _relu_mlp)
        self.obj_score_token = nn.Embedding(1, dim)
        self.iou_token = nn.Embedding(1, dim)
        self.mask_tokens = nn.Embedding(MASKS, dim)
        self.conv_s0 = nn.Conv2d(dim, dim // 8, 1)
        self.conv_s1 = nn.Conv2d(dim, dim // 4, 1)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(dim, dim // 4, 2, stride=2), LayerNorm2d(dim // 4), nn.GELU(),
            nn.ConvTranspose2d(dim // 4, dim // 8, 2, stride=2), nn.GELU(),
        )  # fmt: skip
        self.output_hypernetworks_mlps = nn.ModuleList(
            MlpHead(dim, dim, dim // 8) for _ in range(MASKS)
        )
        self.iou_prediction_head = MlpHead(dim, sizes.iou_hidden, MASKS)
        self.pred_obj_score_head = MlpHead(dim, dim, 1)

    def forward(
        self, features: dict[str, Tensor], image_pe: Tensor, sparse: Tensor, dense: Tensor
    ) -> Decoded:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            features: ``image`` ``(1, dim, H, W)``, ``s1`` ``(1, dim/4, 2H, 2W)`` and ``s0``
                ``(1, dim/8, 4H, 4W)``, the latter two from `conv_s1` and `conv_s0`.
            image_pe: positions of the image's cells, ``(1, dim, H, W)``.
            sparse: prompt tokens, ``(N, T, dim)``; ``T`` may be 0.
            dense: prompts on the image, ``(N, dim, H, W)`` or ``(1, dim, H, W)``.
        """
        image = features["image"]
        parts = (self.obj_score_token, self.iou_token, self.mask_tokens)
        own = torch.cat([part.weight for part in parts])
        tokens = torch.cat((own.expand(sparse.shape[0], -1, -1), sparse), 1)
        seen, cells = self.transformer(image + dense, image_pe, tokens)
        upscaled = self._upscale(cells.transpose(1, 2).unflatten(2, image.shape[2:]), features)
        return Decoded(
            logits=draw(self.output_hypernetworks_mlps, seen[:, 2 : 2 + MASKS], upscaled),
            iou=self.iou_prediction_head(seen[:, 1]).sigmoid(),
            object_score=self.pred_obj_score_head(seen[:, 0]),
        )

    def _upscale(self, cells: Tensor, features: dict[str, Tensor]) -> Tensor:
        """``(N, dim, H, W)`` to ``(N, dim/8, 4H, 4W)``; finer features join at each doubling."""
        double, norm, activation, double_again, last_activation = self.output_upscaling
        x = activation(norm(double(cells) + features["s1"]))
        y: Tensor = last_activation(double_again(x) + features["s0"])
        return y


def _relu_mlp(dim: int, hidden: int) -> nn.Module:
    return Mlp(dim, hidden, F.relu)
