"""MobileNetV2 with guidance, and a small decoder."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact.backbone import LEVELS, MobileNetV2, Stem
from biprompt.models.guided.config import Fusion, GuidedConfig
from biprompt.models.guided.decoder import GuidedDecoder, Levels
from biprompt.models.guided.fusion import Concatenation, DistanceMapsFusion, OneStream, TwoStream

Seen = tuple[Tensor, ...]


class GuidedNetwork(nn.Module):
    """Image, guidance maps and previous mask in, one mask out.

    Args:
        config: sizes and fusion.
    """

    def __init__(self, config: GuidedConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.config = config
        self.backbone = MobileNetV2()
        self.decoder = GuidedDecoder(config)
        self.fusion = self._fusion(config)

    def _fusion(self, config: GuidedConfig) -> nn.Module:
        if config.fusion is Fusion.TWO_STREAM:
            return TwoStream(config)
        if config.fusion is Fusion.ONE_STREAM:
            return OneStream(config.guidance)
        if config.fusion is Fusion.DISTANCE_MAPS:
            return DistanceMapsFusion(config.guidance)
        concatenation = Concatenation()
        concatenation.widen(self._stem, config.guidance)
        return concatenation

    @property
    def _stem(self) -> Stem:
        stem = self.backbone.features[0]
        if not isinstance(stem, Stem):
            raise TypeError("the backbone begins with its stem")
        return stem

    def look(self, image: Tensor) -> Seen:
        """What can be done before anything is clicked.

        Args:
            image: ``(B, 3, H, W)`` RGB in [-1, 1], sides multiples of 32.

        Returns:
            four levels of features with two streams; the image itself where the maps join it early.
        """
        late = self.config.fusion is Fusion.TWO_STREAM
        return self._levels(self._stem(image)) if late else (image,)

    def answer(self, seen: Seen, maps: Tensor, previous: Tensor) -> Tensor:
        """Mask logits.

        Args:
            seen: as `look` gives it, for each of ``B`` questions.
            maps: ``(B, maps, H, W)`` about [0, 1], see `biprompt.guidance.guidance_maps`.
            previous: ``(B, 1, H/4, W/4)`` in [0, 1], the mask so far; zeros where there is none.

        Returns:
            ``(B, 1, H/4, W/4)``.
        """
        hw = (maps.shape[2], maps.shape[3])
        before = F.interpolate(previous, hw, mode="bilinear", align_corners=False)
        guidance = torch.cat((maps, before), 1)
        if len(seen) == len(LEVELS):
            c4, c8, c16, c32 = seen
            return self.decoder((c4, c8, c16, c32), self.fusion(guidance))  # type: ignore[no-any-return]
        joined = self.fusion(self._stem, seen[0], guidance)
        return self.decoder(self._levels(joined), None)  # type: ignore[no-any-return]

    def forward(self, image: Tensor, maps: Tensor, previous: Tensor) -> Tensor:
        """`look` and `answer` in one."""
        return self.answer(self.look(image), maps, previous)

    def _levels(self, x: Tensor) -> Levels:
        levels = []
        for index, block in enumerate(self.backbone.features):
            x = x if index == 0 else block(x)
            if index in LEVELS:
                levels.append(x)
        c4, c8, c16, c32 = levels
        return c4, c8, c16, c32
