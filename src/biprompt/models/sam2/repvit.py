"""The trunk of EdgeTAM: RepViT, convolutions only (Wang et al., "RepViT", 2024).

Zhou et al., "EdgeTAM: On-Device Track Anything Model", 2025, puts RepViT-M1 in the place of
Hiera. The names are those of the published weights, which keep the branches of training apart.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from biprompt.models.sam2.config import RepVitConfig

_SQUEEZED = 4
"""Channels for each one that squeeze-and-excite has inside."""
_MULTIPLE = 8


class ConvNorm(nn.Sequential):
    """A convolution without bias, and a batch normalisation."""

    def __init__(
        self, dim: int, out_dim: int, side: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        """Make the layers with random weights; what is around the map counts as zeros."""
        conv = nn.Conv2d(dim, out_dim, side, stride, (side - 1) // 2, groups=groups, bias=False)
        super().__init__(OrderedDict(c=conv, bn=nn.BatchNorm2d(out_dim)))


class TokenMixer(nn.Module):
    """Three branches that mix neighbours in each channel: 3x3, 1x1 and nothing."""

    def __init__(self, dim: int) -> None:
        """Make the branches with random weights."""
        super().__init__()
        self.conv = ConvNorm(dim, dim, 3, groups=dim)
        self.conv1 = ConvNorm(dim, dim, groups=dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, h, w)`` to the same shape."""
        y: Tensor = self.conv(x) + self.conv1(x) + x
        return y


class ChannelMixer(nn.Module):
    """Two 1x1 convolutions around a GELU."""

    def __init__(self, dim: int) -> None:
        """Make the layers with random weights; inside there are twice the channels."""
        super().__init__()
        self.conv1 = ConvNorm(dim, 2 * dim)
        self.act = nn.GELU()
        self.conv2 = ConvNorm(2 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, h, w)`` to the same shape."""
        y: Tensor = self.conv2(self.act(self.conv1(x)))
        return y


class SqueezeExcite(nn.Module):
    """Channels weighted by what the whole map shows (Hu et al., 2018)."""

    def __init__(self, dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        inside = max(_MULTIPLE, (dim // _SQUEEZED + _MULTIPLE // 2) // _MULTIPLE * _MULTIPLE)
        self.fc1 = nn.Conv2d(dim, inside, 1)
        self.fc2 = nn.Conv2d(inside, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, h, w)`` to the same shape."""
        weights: Tensor = self.fc2(self.fc1(x.mean((2, 3), keepdim=True)).relu()).sigmoid()
        return x * weights


class Block(nn.Module):
    """Tokens, then channels; every other block weights its channels between."""

    def __init__(self, dim: int, *, squeeze: bool) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.token_mixer = TokenMixer(dim)
        self.se = SqueezeExcite(dim) if squeeze else nn.Identity()
        self.channel_mixer = ChannelMixer(dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, h, w)`` to the same shape."""
        x = self.se(self.token_mixer(x))
        y: Tensor = x + self.channel_mixer(x)
        return y


class Downsample(nn.Module):
    """Half the side, more channels."""

    def __init__(self, dim: int, out_dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.pre_block = Block(dim, squeeze=False)
        self.spatial_downsample = ConvNorm(dim, dim, 3, stride=2, groups=dim)
        self.channel_downsample = ConvNorm(dim, out_dim)
        self.ffn = ChannelMixer(out_dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, h, w)`` to ``(B, out_dim, h/2, w/2)``."""
        x = self.channel_downsample(self.spatial_downsample(self.pre_block(x)))
        y: Tensor = x + self.ffn(x)
        return y


class Stage(nn.Module):
    """Blocks at one side; all stages but the first halve it before."""

    def __init__(self, dim: int, out_dim: int, depth: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.downsample = nn.Identity() if dim == out_dim else Downsample(dim, out_dim)
        self.blocks = nn.Sequential(*(Block(out_dim, squeeze=i % 2 == 0) for i in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, h, w)`` to ``(B, out_dim, h', w')``."""
        y: Tensor = self.blocks(self.downsample(x))
        return y


class RepVit(nn.Module):
    """Images to four maps of features."""

    def __init__(self, config: RepVitConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        first = config.dims[0]
        stem = OrderedDict(
            conv1=ConvNorm(3, first // 2, 3, stride=2), act1=nn.GELU(),
            conv2=ConvNorm(first // 2, first, 3, stride=2),
        )  # fmt: skip
        self.body = nn.ModuleDict({"stem": nn.Sequential(stem)})
        for index, (dim, depth) in enumerate(zip(config.dims, config.depths, strict=True)):
            before = config.dims[max(0, index - 1)]
            self.body[f"stages_{index}"] = Stage(before, dim, depth)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Run all stages.

        Args:
            x: ``(B, 3, S, S)``, normalised.

        Returns:
            the output of each stage, ``(B, dims[i], S / (4 * 2**i), S / (4 * 2**i))``.
        """
        stem, *stages = self.body.values()
        x, levels = stem(x), []
        for stage in stages:
            x = stage(x)
            levels.append(x)
        return tuple(levels)
