"""The neck of SAM 2: all stages at one width, the coarsest two joined.

A feature pyramid (Lin et al., "Feature Pyramid Networks for Object Detection", 2017) with one step
from above instead of three.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


class Neck(nn.Module):
    """Four maps of the trunk to the three that the decoder reads."""

    def __init__(self, dims: Sequence[int], dim: int) -> None:
        """Make one 1x1 convolution per stage, from `dims` (finest first) to `dim` channels."""
        super().__init__()
        # Published weights list the coarsest stage first, and have a level of names for `conv`.
        self.convs = nn.ModuleList(
            nn.Sequential(OrderedDict(conv=nn.Conv2d(width, dim, 1))) for width in reversed(dims)
        )

    def forward(self, levels: Sequence[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Project and join.

        Args:
            levels: ``(B, dims[i], side / 2**i, side / 2**i)`` for the four stages.

        Returns:
            the first three levels, ``(B, dim, side / 2**i, side / 2**i)``. The fourth is added to
            the third (nearest neighbour) and is itself not used further.
        """
        pairs = zip(reversed(self.convs), levels, strict=True)
        fine, middle, coarse, coarsest = (conv(level) for conv, level in pairs)
        return fine, middle, coarse + F.interpolate(coarsest, scale_factor=2.0, mode="nearest")
