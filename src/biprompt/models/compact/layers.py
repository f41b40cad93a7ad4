"""The two convolution blocks that neck and decoder are made of.

There is no normalisation: the branches start small instead (the last convolution of a block is
scaled down), which trains as well at these depths, behaves alike in training and use, and costs
nothing on a CPU.
"""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn


def upsample2(x: Tensor) -> Tensor:
    """Twice the size, bilinear, half-pixel centres."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class ResidualBlock(nn.Module):
    """``x + conv(relu(conv(relu(x))))`` with dense 3x3 convolutions."""

    def __init__(self, channels: int) -> None:
        """Make the layers; the second starts small, so that the block starts near identity."""
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")
        nn.init.normal_(self.second.weight, std=0.1 / (3 * channels**0.5))
        for conv in (self.first, self.second):
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]  # convolutions above have a bias

    def forward(self, x: Tensor) -> Tensor:
        """``(B, channels, H, W)`` to the same shape."""
        y: Tensor = self.second(F.relu(self.first(F.relu(x))))
        return x + y


def mlp(sizes: tuple[int, ...]) -> nn.Sequential:
    """Linear layers with ReLU between them, ``(..., sizes[0])`` to ``(..., sizes[-1])``."""
    layers: list[nn.Module] = []
    for index, (a, b) in enumerate(pairwise(sizes)):
        if index:
            layers.append(nn.ReLU())
        layers.append(nn.Linear(a, b))
    return nn.Sequential(*layers)
