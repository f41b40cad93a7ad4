"""What turns pixels and places into tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.beit3.config import FIRST_POSITION, Beit3Config
from biprompt.models.checks import check_shape


class VisionEmbedding(nn.Module):
    """Patches of an image, led by a learned [CLS] token."""

    def __init__(self, config: Beit3Config) -> None:
        """Make the projection and the token."""
        super().__init__()
        self.image_size = config.image_size
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.dim))
        # Only masked pre-training reads it; it is here because checkpoints hold it.
        self.mask_token = nn.Parameter(torch.zeros(1, 1, config.dim), requires_grad=False)
        patch = config.patch_size
        self.proj = nn.Conv2d(3, config.dim, kernel_size=patch, stride=patch)

    def forward(self, pixels: Tensor) -> Tensor:
        """Embed images of the one size there are positions for.

        Args:
            pixels: ``(I, 3, S, S)`` float, RGB in [-1, 1].

        Returns:
            ``(I, N, C)``: the [CLS], then the patches row by row.

        Raises:
            InputError: another shape.
        """
        size = self.image_size
        check_shape("image of BEiT-3", pixels, ("I", 3, size, size))
        patches = self.proj(pixels).flatten(2).transpose(1, 2)
        return torch.cat((self.cls_token.expand(len(pixels), -1, -1), patches), 1)


class PositionTable(nn.Module):
    """A learned vector for each place of a sequence."""

    def __init__(self, rows: int, dim: int) -> None:
        """Make the table; sequences start at its row `FIRST_POSITION`."""
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(rows, dim))

    def forward(self, x: Tensor) -> Tensor:
        """Return the positions of ``(P, L, C)`` tokens as ``(1, L, C)``, a view of the table.

        Raises:
            InputError: the sequence is longer than the table.
        """
        length, most = x.shape[1], len(self.weight) - FIRST_POSITION
        if length > most:
            raise InputError("tokens", expected=f"at most {most}", actual=length)
        return self.weight[None, FIRST_POSITION : FIRST_POSITION + length]
