"""The image encoder of MobileSAM: TinyViT, a convolutional stage and three windowed ones.

Source: Wu et al., "TinyViT", 2022, with the last merge of MobileSAM (Zhang et al., "Faster Segment
Anything", 2023), which keeps the resolution. Names are those of the published weights.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.sam import windows
from biprompt.models.sam.config import TinyVitConfig
from biprompt.models.sam.layers import Neck

_EXPANSION = 4
"""How much wider the middle of a convolutional block and the hidden layer of an MLP are."""


class ConvNorm(nn.Sequential):
    """A convolution without bias, and batch normalisation."""

    def __init__(
        self, c_in: int, c_out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        """Make the layers with random weights; the padding keeps the size at stride 1."""
        super().__init__()
        self.c = nn.Conv2d(
            c_in, c_out, kernel, stride, padding=kernel // 2, groups=groups, bias=False
        )
        self.bn = nn.BatchNorm2d(c_out)


class PatchEmbed(nn.Module):
    """Two convolutions with stride 2."""

    def __init__(self, dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.seq = nn.Sequential(
            ConvNorm(3, dim // 2, 3, stride=2), nn.GELU(), ConvNorm(dim // 2, dim, 3, stride=2)
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, S, S)`` to ``(B, dim, S/4, S/4)``."""
        y: Tensor = self.seq(x)
        return y


class ConvBlock(nn.Module):
    """Expand (1x1), depthwise (3x3), project (1x1), added to the input."""

    def __init__(self, dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        hidden = _EXPANSION * dim
        self.conv1 = ConvNorm(dim, hidden)
        self.conv2 = ConvNorm(hidden, hidden, 3, groups=hidden)
        self.conv3 = ConvNorm(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, H, W)`` to the same shape."""
        y = F.gelu(self.conv2(F.gelu(self.conv1(x))))
        return F.gelu(x + self.conv3(y))


class Merge(nn.Module):
    """From the width of one stage to that of the next, at half the size or the same."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.conv1 = ConvNorm(c_in, c_out)
        self.conv2 = ConvNorm(c_out, c_out, 3, stride=stride, groups=c_out)
        self.conv3 = ConvNorm(c_out, c_out)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, c_in, H, W)`` to ``(B, c_out, H / stride, W / stride)``."""
        y: Tensor = self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x)))))
        return y


class WindowAttention(nn.Module):
    """Attention in a window; a learned bias for each distance of rows and columns.

    Args:
        dim: width of the tokens.
        heads: attention heads.
        side: of the window, in tokens.
    """

    def __init__(self, dim: int, heads: int, side: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.heads, self.side = heads, side
        self.norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.attention_biases = nn.Parameter(torch.zeros(heads, side * side))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, side, side, dim)`` to the same shape."""
        b, h, w, dim = x.shape
        # Query, key and value lie side by side within each head.
        qkv = self.qkv(self.norm(x)).view(b, h * w, self.heads, -1).transpose(1, 2)
        query, key, value = qkv.chunk(3, -1)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=self._bias())
        y: Tensor = self.proj(mixed.transpose(1, 2).reshape(b, h, w, dim))
        return y

    def _bias(self) -> Tensor:
        """``(1, heads, side ** 2, side ** 2)``."""
        at = torch.arange(self.side, device=self.attention_biases.device)
        apart = (at[:, None] - at[None, :]).abs()
        index = self.side * apart[:, None, :, None] + apart[None, :, None, :]
        return self.attention_biases[:, index.flatten(2).flatten(0, 1)][None]


class Mlp(nn.Module):
    """Normalisation and two linear layers around a GELU."""

    def __init__(self, dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, _EXPANSION * dim)
        self.fc2 = nn.Linear(_EXPANSION * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(..., dim)`` to the same shape."""
        y: Tensor = self.fc2(F.gelu(self.fc1(self.norm(x))))
        return y


class WindowBlock(nn.Module):
    """Window attention, a depthwise convolution that joins the windows, and an MLP."""

    def __init__(self, dim: int, heads: int, window: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.window = window
        self.attn = WindowAttention(dim, heads, window)
        self.local_conv = ConvNorm(dim, dim, 3, groups=dim)
        self.mlp = Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, H, W)`` to the same shape."""
        tokens = x.permute(0, 2, 3, 1)
        # The zeros that fill windows are attended to, as they were in training.
        seen = self.attn(windows.cut(tokens, self.window))
        tokens = tokens + windows.join(seen, (x.shape[2], x.shape[3]))
        tokens = self.local_conv(tokens.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        y: Tensor = tokens + self.mlp(tokens)
        return y.permute(0, 3, 1, 2)


class Stage(nn.Module):
    """Blocks of one width, and the merge to the next.

    Args:
        blocks: of this stage.
        downsample: the merge, none after the last stage.
    """

    def __init__(self, blocks: list[nn.Module], downsample: nn.Module | None) -> None:
        """Keep the layers under their published names."""
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """``(B, dim, H, W)`` to ``(B, next dim, H / stride, W / stride)``."""
        for block in self.blocks:
            x = block(x)
        return x if self.downsample is None else self.downsample(x)


class TinyVit(nn.Module):
    """MobileSAM's image encoder.

    Published checkpoints also hold an ImageNet classifier (``norm_head``, ``head``) that nothing
    reads and, in some copies, the indices of the biases (``attention_bias_idxs``), which are made
    anew here: leave both out.

    Args:
        config: sizes; the defaults are the published ones.
    """

    def __init__(self, config: TinyVitConfig | None = None) -> None:
        """Make the network with random weights."""
        super().__init__()
        config = config or TinyVitConfig()
        self.patch_embed = PatchEmbed(config.dims[0])
        self.layers = nn.ModuleList(_stage(config, index) for index in range(len(config.dims)))
        self.neck = Neck(config.dims[-1], config.out_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Normalised images ``(B, 3, S, S)`` to the embedding ``(B, out_dim, S/16, S/16)``."""
        x = self.patch_embed(x)
        for layer in self.layers:
            x = layer(x)
        y: Tensor = self.neck(x.permute(0, 2, 3, 1))
        return y


def _stage(config: TinyVitConfig, index: int) -> Stage:
    dim, heads, window = config.dims[index], config.heads[index], config.windows[index]
    blocks: list[nn.Module] = [
        WindowBlock(dim, heads, window) if index else ConvBlock(dim)
        for _ in range(config.depths[index])
    ]
    last = len(config.dims) - 1
    if index == last:
        return Stage(blocks, None)
    # The merge before the last stage keeps the size, for an embedding of stride 16.
    return Stage(blocks, Merge(dim, config.dims[index + 1], stride=1 if index + 1 == last else 2))
