"""The embedded model put together: ``encode`` once, then ``ground`` phrases and ``decode``."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.models.compact.backbone import MobileNetV2
from biprompt.models.compact.config import CompactConfig
from biprompt.models.compact.decoder import Decoder
from biprompt.models.compact.neck import Neck
from biprompt.models.compact.semantics import Semantics
from biprompt.models.compact.text import TextExpert
from biprompt.models.compact.values import Features, SpatialPrompts, TextPrompts

__all__ = ["CompactModel", "Features", "SpatialPrompts", "TextPrompts"]


class CompactModel(nn.Module):
    """Networks that share one image pass.

    Args:
        config: sizes; the defaults are those of the weights in the package.
    """

    def __init__(self, config: CompactConfig | None = None) -> None:
        """Make the networks with random weights."""
        super().__init__()
        self.config = config or CompactConfig()
        self.backbone = MobileNetV2()
        self.neck = Neck(self.config)
        self.decoder = Decoder(self.config)
        self.text = TextExpert(self.config)
        self.semantics = Semantics(self.config.word_dim)

    def encode(self, image: Tensor) -> Features:
        """Look at images once: ``(B, 3, H, W)`` RGB in [-1, 1], sides multiples of 32."""
        levels = self.backbone(image)
        p4, p8, p16, key8 = self.neck(levels)
        return Features(p4, p8, p16, key8, levels[3], self.semantics(image))

    def ground(
        self, features: Features, words: Tensor, lengths: Tensor
    ) -> tuple[TextPrompts, Tensor]:
        """Fuse phrases with images (features gathered, one entry per phrase).

        Returns:
            the prompts for :meth:`decode` and the presence logits ``(P,)``.
        """
        query, prior, presence = self.text(features, words, lengths)
        return TextPrompts(query.float(), prior, torch.ones_like(presence)), presence

    def decode(
        self, features: Features, spatial: SpatialPrompts, text: TextPrompts
    ) -> tuple[Tensor, Tensor]:
        """Mask logits ``(P, 4, H/4, W/4)`` and predicted-IoU logits ``(P, 4)``."""
        logits, quality = self.decoder(features, spatial, text)
        return logits.float(), quality.float()
