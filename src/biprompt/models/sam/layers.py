"""Small layers that the image encoders, the prompt encoder and the decoder share."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """Two linear layers around an activation, with the names of SAM."""

    def __init__(self, dim: int, hidden: int, activation: Callable[[Tensor], Tensor]) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.lin1 = nn.Linear(dim, hidden)
        self.lin2 = nn.Linear(hidden, dim)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """``(..., dim)`` to the same shape."""
        y: Tensor = self.lin2(self.activation(self.lin1(x)))
        return y


class LayerNorm2d(nn.LayerNorm):
    """Layer normalisation over the channels of ``(B, C, H, W)``, in the type of its input.

    Works, and answers, in channels-last memory: the layout in which tokens come and go.
    """

    def __init__(self, channels: int) -> None:
        """Make the layer: `channels` scales and shifts."""
        super().__init__(channels, eps=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C, H, W)`` to the same shape."""
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        y = F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, weight, bias, self.eps)
        return y.permute(0, 3, 1, 2)


class WideConv2d(nn.Conv2d):
    """A convolution in float32, whatever the type of its weights.

    In half precision the sums of ViT-H's neck leave the range of float16.
    """

    def forward(self, x: Tensor) -> Tensor:
        """``(B, C_in, H, W)`` to ``(B, C_out, H, W)`` float32."""
        return F.conv2d(x.float(), self.weight.float(), padding=self.padding)


class Neck(nn.Sequential):
    """Tokens of an image encoder to the embedding that the decoder reads."""

    def __init__(self, dim: int, out_dim: int) -> None:
        """Make a 1x1 and a 3x3 convolution, each without bias and normalised."""
        super().__init__(
            WideConv2d(dim, out_dim, 1, bias=False),
            LayerNorm2d(out_dim),
            WideConv2d(out_dim, out_dim, 3, padding=1, bias=False),
            LayerNorm2d(out_dim),
        )

    def forward(self, x: Tensor) -> Tensor:
        """``(B, H, W, dim)`` to ``(B, out_dim, H, W)`` of the same type."""
        y = x.permute(0, 3, 1, 2)
        for layer in self:
            y = layer(y)
        return y.to(x.dtype)
