"""The largest differences between two computations of the same thing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor


@dataclass(slots=True)
class Errors:
    """Largest absolute differences so far, and the largest magnitude of what was compared.

    Attributes:
        greatest: by what was compared: "embedding", "token", "logits", "iou".
        magnitude: likewise, of the other side's numbers.
        pixels: of masks at the size of the photograph that differ.
        of_pixels: that were compared.
    """

    greatest: dict[str, float] = field(default_factory=dict)
    magnitude: dict[str, float] = field(default_factory=dict)
    pixels: int = 0
    of_pixels: int = 0

    def compare(self, what: str, ours: Tensor, theirs: Tensor) -> None:
        """Take in two tensors of one shape, any number of axes."""
        if ours.shape != theirs.shape:
            raise ValueError(f"{what}: {tuple(ours.shape)} beside {tuple(theirs.shape)}")
        error = float((ours.double() - theirs.double()).abs().max())
        self.greatest[what] = max(error, self.greatest.get(what, 0.0))
        self.magnitude[what] = max(float(theirs.abs().max()), self.magnitude.get(what, 0.0))

    def compare_masks(self, ours: Tensor, theirs: Tensor) -> None:
        """Take in two boolean masks of one shape."""
        self.pixels += int((ours != theirs).sum())
        self.of_pixels += theirs.numel()

    def plain(self) -> dict[str, object]:
        """Everything as JSON values."""
        return asdict(self)


def shaken(model: torch.nn.Module, seed: int = 0) -> torch.nn.Module:
    """Give a network random weights, also where it starts with zeros or ones; evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn(parameter.shape, generator=generator))
    return model.eval().requires_grad_(False)
