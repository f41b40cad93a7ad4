"""Linear layers in a row, with the names of SAM 2."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn


class Mlp(nn.Module):
    """Two linear layers around an activation."""

    def __init__(self, dim: int, hidden: int, activation: Callable[[Tensor], Tensor]) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(dim, hidden), nn.Linear(hidden, dim)])
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """``(..., dim)`` to the same shape."""
        y: Tensor = self.layers[1](self.activation(self.layers[0](x)))
        return y
