"""MobileNetV2 with folded batch norm, as four feature levels.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks"; the state-dict
names and the padding are those of the weights in ``google-coral/test_data`` (TensorFlow "SAME":
an even side is padded by one pixel on the right and bottom only before a stride of two).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

# (channels out, stride, expansion) of features.1 to features.17
_BLOCKS: tuple[tuple[int, int, int], ...] = (
    (16, 1, 1),
    (24, 2, 6), (24, 1, 6),
    (32, 2, 6), (32, 1, 6), (32, 1, 6),
    (64, 2, 6), (64, 1, 6), (64, 1, 6), (64, 1, 6),
    (96, 1, 6), (96, 1, 6), (96, 1, 6),
    (160, 2, 6), (160, 1, 6), (160, 1, 6),
    (320, 1, 6),
)  # fmt: skip
LEVELS: dict[int, int] = {3: 24, 6: 32, 13: 96, 17: 320}
"""Index of the last block of each stride (4, 8, 16, 32) and its channels."""


def _same_pad(x: Tensor, stride: int) -> Tensor:
    return F.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))


class Stem(nn.Module):
    """3x3 convolution with stride 2, 3 -> 32 channels."""

    def __init__(self) -> None:
        """Make the layer with random weights."""
        super().__init__()
        self.conv = nn.Conv2d(3, 32, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, H, W)`` to ``(B, 32, H/2, W/2)``."""
        return F.relu6(self.conv(_same_pad(x, 2)))


class InvertedResidual(nn.Module):
    """Expand (1x1), depthwise (3x3), project (1x1); a shortcut where shapes allow."""

    def __init__(self, c_in: int, c_out: int, stride: int, expansion: int) -> None:
        """Make the layers with random weights; the middle has ``c_in * expansion`` channels."""
        super().__init__()
        hidden = c_in * expansion
        self.expand = nn.Conv2d(c_in, hidden, 1) if expansion > 1 else None
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride=stride, groups=hidden)
        self.project = nn.Conv2d(hidden, c_out, 1)
        self.stride = stride
        self.shortcut = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """``(B, c_in, H, W)`` to ``(B, c_out, H / stride, W / stride)``."""
        y: Tensor = x if self.expand is None else F.relu6(self.expand(x))
        y = F.relu6(self.depthwise(_same_pad(y, self.stride)))
        y = self.project(y)
        return x + y if self.shortcut else y


class MobileNetV2(nn.Module):
    """The backbone up to ``features.17``."""

    def __init__(self) -> None:
        """Make the blocks with random weights."""
        super().__init__()
        blocks: list[nn.Module] = [Stem()]
        c_in = 32
        for c_out, stride, expansion in _BLOCKS:
            blocks.append(InvertedResidual(c_in, c_out, stride, expansion))
            c_in = c_out
        self.features = nn.ModuleList(blocks)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features at strides 4, 8, 16, 32.

        Args:
            image: ``(B, 3, H, W)`` RGB scaled to [-1, 1], sides multiples of 32.
        """
        levels = []
        x = image
        for index, block in enumerate(self.features):
            x = block(x)
            if index in LEVELS:
                levels.append(x)
        c4, c8, c16, c32 = levels
        return c4, c8, c16, c32
