"""The prompt encoder of SAM: prompts to tokens (sparse) and to a map on the image (dense).

Source: Kirillov et al., "Segment Anything", 2023, appendix A; tokens of text beside those of
points as in Zhang et al., "EVF-SAM", 2024. Names are those of the published weights.
"""

from __future__ import annotations

import math
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from biprompt.models.checks import check_shape
from biprompt.models.sam.boxes import CORNERS
from biprompt.models.sam.config import DecoderConfig
from biprompt.models.sam.layers import LayerNorm2d
from biprompt.models.sam.values import SamPrompts


class PositionEncoding(nn.Module):
    """Positions as sines and cosines of random frequencies (Tancik et al., 2020)."""

    positional_encoding_gaussian_matrix: Tensor

    def __init__(self, dim: int) -> None:
        """Make the frequencies at random; `dim` is even."""
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.randn(2, dim // 2))

    def forward(self, xy: Tensor) -> Tensor:
        """Positions ``(..., 2)`` in [0, 1] to ``(..., dim)`` float32.

        Always in float32, and without a matrix product that autocast would round: half precision
        has too few digits to tell neighbouring pixels apart.
        """
        x_frequency, y_frequency = self.positional_encoding_gaussian_matrix.float()
        xy = 2 * xy.float() - 1
        angles = 2 * math.pi * (xy[..., :1] * x_frequency + xy[..., 1:] * y_frequency)
        return torch.cat((angles.sin(), angles.cos()), -1)

    def grid(self, side: int) -> Tensor:
        """Encode the centres of ``side`` x ``side`` cells: ``(1, dim, side, side)`` float32."""
        device = self.positional_encoding_gaussian_matrix.device
        centres = (torch.arange(side, device=device) + 0.5) / side
        y, x = torch.meshgrid(centres, centres, indexing="ij")
        encoded: Tensor = self(torch.stack((x, y), -1))
        return encoded.permute(2, 0, 1)[None]


class PromptSizes(Protocol):
    """Sizes that prompts depend on, as `SamConfig` has them."""

    @property
    def image_size(self) -> int:
        """Side of the square image in pixels."""
        ...

    @property
    def grid(self) -> int:
        """Side of the embedding in cells."""
        ...

    @property
    def dim(self) -> int:
        """Width of a prompt token."""
        ...

    @property
    def decoder(self) -> DecoderConfig:
        """Of these, the channels in which masks are read."""
        ...


class PromptEncoder(nn.Module):
    """Points, boxes, masks and text as the decoder takes them.

    Args:
        config: sizes.
    """

    def __init__(self, config: PromptSizes) -> None:
        """Make the layers with random weights."""
        super().__init__()
        dim, channels = config.dim, config.decoder.mask_channels
        self.image_size, self.side, self.dim = config.image_size, config.grid, dim
        self.pe_layer = PositionEncoding(dim)
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, dim) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, dim)
        self.no_mask_embed = nn.Embedding(1, dim)
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, channels // 4, 2, stride=2), LayerNorm2d(channels // 4), nn.GELU(),
            nn.Conv2d(channels // 4, channels, 2, stride=2), LayerNorm2d(channels), nn.GELU(),
            nn.Conv2d(channels, dim, 1),
        )  # fmt: skip

    def forward(self, prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Encode prompts.

        Args:
            prompts: ``N`` rows.

        Returns:
            tokens ``(N, T, dim)``, of points, boxes and text in this order (``T`` is 0 for masks
            alone), and the map that is added to the image, ``(N, dim, S/16, S/16)``, or
            ``(1, dim, S/16, S/16)`` where it is the same for all.

        Raises:
            InputError: masks are not of side ``S/4``, or text is not of the decoder's width.
        """
        return self._sparse(prompts), self._dense(prompts.masks)

    def grid(self) -> Tensor:
        """Positions of the cells of the image, ``(1, dim, S/16, S/16)``."""
        return self.pe_layer.grid(self.side).to(self._like.dtype)

    @property
    def _like(self) -> Tensor:
        """A parameter: tokens have its type and lie on its device."""
        return self.no_mask_embed.weight

    def _sparse(self, prompts: SamPrompts) -> Tensor:
        count = prompts.rows
        tokens = [self._like.new_empty(count, 0, self.dim)]
        if prompts.points is not None and prompts.labels is not None:
            tokens.append(self._located(prompts.points, prompts.labels))
            if prompts.boxes is None:
                tokens.append(self.not_a_point_embed.weight.expand(count, 1, -1))
        if prompts.boxes is not None:
            corners = torch.tensor(CORNERS, device=self._like.device).expand(count, -1)
            tokens.append(self._located(prompts.boxes.reshape(-1, 2, 2), corners))
        if prompts.text is not None:
            check_shape("text of prompts", prompts.text, (count, "T", self.dim))
            tokens.append(prompts.text)
        return torch.cat([token.to(self._like) for token in tokens], 1)

    def _located(self, xy: Tensor, kinds: Tensor) -> Tensor:
        """Positions ``(N, K, 2)`` in the model frame as tokens ``(N, K, dim)``.

        ``kinds`` ``(N, K)`` are -1 for no point (the position does not count), 0 for a point that
        removes, 1 for one that adds, 2 and 3 for the corners of a box.
        """
        encoded: Tensor = self.pe_layer((xy.float() + 0.5) / self.image_size)
        learned = (self.not_a_point_embed, *self.point_embeddings)
        table = torch.cat([cast(Tensor, one.weight) for one in learned])
        return encoded * (kinds >= 0)[..., None] + table[kinds.long() + 1]

    def _dense(self, masks: Tensor | None) -> Tensor:
        if masks is None:
            return self._like[:, :, None, None].expand(-1, -1, self.side, self.side)
        check_shape("masks of prompts", masks, (len(masks), 1, 4 * self.side, 4 * self.side))
        y: Tensor = self.mask_downscaling(masks.to(self._like))
        return y
