"""The promptable decoder: features and one prompt in, four masks and their predicted IoU out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact import guides
from biprompt.models.compact.config import CompactConfig
from biprompt.models.compact.layers import ResidualBlock, mlp, upsample2
from biprompt.models.compact.values import Features, SpatialPrompts, TextPrompts

_MAPS = 6  # four click maps, box, mask
_FLAGS = 7


class Conditioner(nn.Module):
    """One vector per prompt: what was clicked, what was named, and which prompts are there."""

    def __init__(self, config: CompactConfig) -> None:
        """Make the layers; the modulation starts near none."""
        super().__init__()
        width = config.width16
        self.trunk = mlp((2 * width + config.text_dim + _FLAGS, 192, 192))
        self.film16 = nn.Linear(192, 2 * config.decoder16)
        self.film8 = nn.Linear(192, 2 * config.decoder8)
        for layer in (self.film16, self.film8):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(
        self, p16: Tensor, spatial: SpatialPrompts, text: TextPrompts
    ) -> tuple[Tensor, Tensor]:
        """FiLM parameters ``(P, 2C)`` for strides 16 and 8."""
        add = (spatial.labels == 1).float()
        remove = (spatial.labels == 0).float()
        clicked = guides.pool_at(p16, spatial.xy, 16, 12.0)
        clicked = (clicked * add[..., None]).sum(1) / (add.sum(1, keepdim=True) + 1e-3)
        inside = guides.pool_inside(p16, F.avg_pool2d(spatial.mask, 4)) * spatial.has_mask[:, None]
        flags = torch.stack(
            (
                spatial.has_box, spatial.has_mask, text.has_text,
                (add.sum(1) > 0).float(), (remove.sum(1) > 0).float(),
                torch.log1p(add.sum(1)), torch.log1p(remove.sum(1)),
            ),
            1,
        )  # fmt: skip
        named = text.query * text.has_text[:, None]
        hidden = F.relu(self.trunk(torch.cat((clicked, inside, named, flags), 1)))
        return self.film16(hidden), self.film8(hidden)


def film(x: Tensor, parameters: Tensor) -> Tensor:
    """``x * (1 + scale) + shift`` per channel."""
    scale, shift = parameters[:, :, None, None].chunk(2, 1)
    return x * (1.0 + scale) + shift


class QualityHead(nn.Module):
    """Predicted IoU of each mask from what lies under it and how sharp it is."""

    def __init__(self, config: CompactConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        width = config.decoder8 + config.decoder16
        self.kind = nn.Parameter(torch.randn(config.masks, 16) * 0.1)
        self.score = mlp((2 * config.decoder8 + config.decoder16 + 5 + 16, width, 96, 1))

    def forward(self, d16: Tensor, d8: Tensor, logits: Tensor) -> Tensor:
        """Logits of the predicted IoU, ``(P, M)``."""
        p, m = logits.shape[:2]
        soft = torch.sigmoid(logits.detach().float())
        soft8 = F.avg_pool2d(soft, 2).flatten(2)
        edge8 = 4.0 * soft8 * (1.0 - soft8)
        flat8 = d8.float().flatten(2).transpose(1, 2)
        under = (soft8 @ flat8) / (soft8.sum(-1, keepdim=True) + 1e-3)
        along = (edge8 @ flat8) / (edge8.sum(-1, keepdim=True) + 1e-3)
        whole = d16.float().mean((2, 3))[:, None].expand(p, m, -1)
        kind = self.kind[None].expand(p, m, -1)
        facts = (under, along, whole, self._sharpness(logits.detach().float(), soft), kind)
        return self.score(torch.cat(facts, -1))[..., 0]  # type: ignore[no-any-return]

    @staticmethod
    def _sharpness(logits: Tensor, soft: Tensor) -> Tensor:
        """Area, doubt, and the stability under a higher and a lower threshold (as SAM filters)."""
        soft, logits = soft.flatten(2), logits.flatten(2)
        area = soft.mean(-1)
        doubt = (soft * (1.0 - soft)).mean(-1) / (area + 1e-3)
        high, zero, low = ((logits > t).float().mean(-1) for t in (1.0, 0.0, -1.0))
        stable = (high + 1e-4) / (low + 1e-4)
        return torch.stack((area, area.sqrt(), doubt, stable, zero), -1)


class Decoder(nn.Module):
    """A small U-Net over strides 16, 8 and 4 that every prompt passes on its own."""

    def __init__(self, config: CompactConfig) -> None:
        """Make the layers; masks start mostly empty, as most of an image is not meant."""
        super().__init__()
        self.heads = config.heads
        w4, d8, d16 = config.width4, config.decoder8, config.decoder16
        similar = 4 * config.heads
        self.condition = Conditioner(config)
        self.text_query = nn.Linear(config.text_dim, config.heads * config.key_dim)
        self.lateral16 = nn.Conv2d(config.width16, d16, 1)
        self.lateral8 = nn.Conv2d(config.width8, d8, 1)
        self.guide16 = nn.Conv2d(_MAPS + similar + 1, d16, 3, padding=1)
        self.guide8 = nn.Conv2d(_MAPS + similar, d8, 3, padding=1)
        self.guide4 = nn.Conv2d(_MAPS, w4, 3, padding=1)
        self.block16 = nn.Sequential(ResidualBlock(d16), ResidualBlock(d16))
        self.down8 = nn.Conv2d(d16, d8, 1)
        self.block8 = ResidualBlock(d8)
        self.down4 = nn.Conv2d(d8, w4, 1)
        self.block4 = ResidualBlock(w4)
        self.masks = nn.Conv2d(w4, config.masks, 3, padding=1)
        self.quality = QualityHead(config)
        nn.init.normal_(self.masks.weight, std=0.02)
        nn.init.constant_(self.masks.bias, -1.5)  # type: ignore[arg-type]  # it has a bias

    def forward(
        self, features: Features, spatial: SpatialPrompts, text: TextPrompts
    ) -> tuple[Tensor, Tensor]:
        """Masks and their quality.

        Args:
            features: one entry per prompt (gathered already), ``P`` of them.
            spatial: clicks, boxes and masks, ``P`` of them.
            text: projected phrases, ``P`` of them.

        Returns:
            mask logits ``(P, 4, H/4, W/4)`` and logits of the predicted IoU ``(P, 4)``.
        """
        maps4, similar8 = self._guides(features, spatial, text)
        maps8 = F.avg_pool2d(maps4, 2)
        maps16 = F.avg_pool2d(torch.cat((maps8, similar8), 1), 2)
        prior = text.prior * text.has_text[:, None, None, None]
        film16, film8 = self.condition(features.p16, spatial, text)
        d16 = self.lateral16(features.p16) + self.guide16(torch.cat((maps16, prior), 1))
        d16 = self.block16(film(d16, film16))
        d8 = self.lateral8(features.p8) + upsample2(self.down8(d16))
        d8 = d8 + self.guide8(torch.cat((maps8, similar8), 1))
        d8 = self.block8(film(d8, film8))
        d4 = features.p4 + upsample2(self.down4(d8)) + self.guide4(maps4)
        logits = self.masks(F.relu(self.block4(d4)))
        return logits, self.quality(d16, d8, logits)

    def _guides(
        self, features: Features, spatial: SpatialPrompts, text: TextPrompts
    ) -> tuple[Tensor, Tensor]:
        """Maps at stride 4 ``(P, 6, h, w)`` and similarities at stride 8 ``(P, 4 * heads, ..)``."""
        hw4 = (features.p4.shape[2], features.p4.shape[3])
        has_box = spatial.has_box[:, None, None, None]
        has_mask = spatial.has_mask[:, None, None, None]
        box = guides.box_map(spatial.box, hw4, 4) * has_box
        mask = (2.0 * spatial.mask - 1.0) * has_mask
        clicks = guides.click_maps(spatial.xy, spatial.labels, hw4, 4)
        key = features.key8
        clicked = guides.similarity(guides.pool_at(key, spatial.xy, 8, 6.0), key, self.heads)
        inside = guides.pool_inside(key, F.avg_pool2d(spatial.mask, 2))
        others = torch.stack((inside, self.text_query(text.query).float()), 1)
        other = guides.similarity(others, key, self.heads)
        has_text = text.has_text[:, None, None, None]
        similar = (
            guides.nearest_similarity(clicked, spatial.labels == 1),
            guides.nearest_similarity(clicked, spatial.labels == 0),
            other[:, 0] * has_mask,
            other[:, 1] * has_text,
        )
        return torch.cat((clicks, box, mask), 1), torch.cat(similar, 1)
