"""Linear layers in a row, with the names of EfficientSAM."""

from __future__ import annotations

from torch import Tensor, nn


class Mlp(nn.Module):
    """Hidden layers with a GELU after each, and a linear layer.

    Args:
        dim: width of the input.
        hidden: width of every hidden layer.
        out: width of the output.
        depth: number of hidden layers, at least 1.
    """

    def __init__(self, dim: int, hidden: int, out: int, depth: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        widths = (dim, *[hidden] * (depth - 1))
        self.layers = nn.Sequential(
            *(nn.Sequential(nn.Linear(width, hidden), nn.GELU()) for width in widths)
        )
        self.fc = nn.Linear(hidden, out)

    def forward(self, x: Tensor) -> Tensor:
        """``(..., dim)`` to ``(..., out)``."""
        y: Tensor = self.fc(self.layers(x))
        return y
