"""The four ways in which guidance joins an image.

Each starts as a network that, without clicks, sees the image as pretrained weights expect it, and
whose first layer changes near clicks about as much as an image changes it: with less, a short
training does not find the clicks. `guidance` is ``(B, G, H, W)``, the maps and the previous mask;
`image` is ``(B, 3, H, W)``.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact.backbone import Stem
from biprompt.models.guided.config import GuidedConfig

SLOPE = 0.2
"""Of the leaky ReLUs, as F-BRS and RITM have them."""
_HIDDEN, _STEM = 16, 32
_SPREAD = 0.5
"""Standard deviation of new weights of the first convolution, about that of pretrained ones."""


class Concatenation(nn.Module):
    """The first convolution sees image and guidance side by side: `widen` makes it do so."""

    def widen(self, stem: Stem, channels: int) -> None:
        """Give the stem's convolution so many channels more."""
        old = stem.conv
        stem.conv = nn.Conv2d(3 + channels, old.out_channels, 3, stride=2)
        nn.init.normal_(stem.conv.weight, std=_SPREAD)

    def forward(self, stem: Stem, image: Tensor, guidance: Tensor) -> Tensor:
        """``(B, 32, H/2, W/2)``."""
        out: Tensor = stem(torch.cat((image, guidance), 1))
        return out


class DistanceMapsFusion(nn.Module):
    """Two 1x1 convolutions, 3 + G to 8 to 3 channels: Sofiiuk et al., F-BRS, section 4.

    They begin as the identity of the image: x = (leaky(x) - leaky(-x)) / (1 + slope).
    """

    def __init__(self, channels: int) -> None:
        """Make both layers."""
        super().__init__()
        self.wider = nn.Conv2d(3 + channels, 8, 1)
        self.back = nn.Conv2d(8, 3, 1)
        with torch.no_grad():
            for conv in (self.wider, self.back):
                nn.init.zeros_(conv.bias)  # type: ignore[arg-type]  # it has a bias
            self.wider.weight[:, :3].zero_()  # the image passes as it is ...
            for channel in range(3):
                self.wider.weight[channel, channel] += 1.0
                self.wider.weight[3 + channel, channel] -= 1.0
            self.back.weight[:, :6].zero_()
            for channel in range(3):
                self.back.weight[channel, channel] += 1.0 / (1.0 + SLOPE)
                self.back.weight[channel, 3 + channel] -= 1.0 / (1.0 + SLOPE)
            self.wider.weight[:6, 3:].zero_()  # ... and the guidance on the two other channels
            nn.init.normal_(self.wider.weight[6:, 3:])
            nn.init.normal_(self.back.weight[:, 6:], std=_SPREAD)

    def forward(self, stem: Stem, image: Tensor, guidance: Tensor) -> Tensor:
        """``(B, 32, H/2, W/2)``."""
        hidden = F.leaky_relu(self.wider(torch.cat((image, guidance), 1)), SLOPE)
        out: Tensor = stem(self.back(hidden))
        return out


class OneStream(nn.Module):
    """Guidance as a tensor like the first layer's output, added to it: RITM's Conv1S.

    RITM multiplies what is added by a learnt scale that begins at 0.05. 300 steps did not get out
    of that: the network so trained did not see its clicks. Here it begins at 1.
    """

    def __init__(self, channels: int) -> None:
        """Make the layers; without biases, so that an image without clicks is as it was."""
        super().__init__()
        self.mix = nn.Conv2d(channels, _HIDDEN, 1, bias=False)
        self.down = nn.Conv2d(_HIDDEN, _STEM, 3, stride=2, padding=1, bias=False)
        self.scale = nn.Parameter(torch.ones(1))
        for conv in (self.mix, self.down):
            nn.init.kaiming_normal_(conv.weight, a=SLOPE, nonlinearity="leaky_relu")

    def forward(self, stem: Stem, image: Tensor, guidance: Tensor) -> Tensor:
        """``(B, 32, H/2, W/2)``."""
        added = self.down(F.leaky_relu(self.mix(guidance), SLOPE))
        out: Tensor = stem(image) + self.scale * added
        return out


class TwoStream(nn.Module):
    """Layers of its own for the guidance, which meet the image's features in the decoder.

    As in Hu et al., "A fully convolutional two-stream fusion network": the image is looked at
    once, whatever is clicked.
    """

    def __init__(self, config: GuidedConfig) -> None:
        """Make the layers, one more for each halving of the size."""
        super().__init__()
        sizes = (config.guidance, _HIDDEN, config.width4, config.width8, config.width16)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(sizes)
        )

    def forward(self, guidance: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What is added to the decoder at strides 4, 8 and 16."""
        levels, x = [], guidance
        for conv in self.down:
            x = conv(x)
            levels.append(x)
            x = F.leaky_relu(x, SLOPE)
        return levels[1], levels[2], levels[3]
