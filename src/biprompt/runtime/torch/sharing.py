"""One image encoder for two checkpoints that hold the same one.

EVF-SAM never trains SAM's image encoder, so SAM and EVF-SAM differ in their decoders alone
(4 million of 641 million parameters): the encoder is kept once.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

SAMPLES = 8
"""Tensors that are compared."""
LEAST_VALUES = 64
"""Smaller tensors say little."""


def share_encoder(point: nn.Module, text: nn.Module) -> bool:
    """Give `text` the image encoder of `point` where both are the same.

    Args:
        point: a network with an ``image_encoder``.
        text: another; its encoder is replaced, and its memory freed, when they agree.

    Returns:
        Whether they share it now.
    """
    if type(point) is not type(text) or not same_weights(_encoder(point), _encoder(text)):
        return False
    text.image_encoder = point.image_encoder
    return True


def _encoder(model: nn.Module) -> nn.Module:
    encoder = model.image_encoder
    if not isinstance(encoder, nn.Module):
        raise TypeError("image_encoder is not a module")
    return encoder


@torch.no_grad()
def same_weights(a: nn.Module, b: nn.Module) -> bool:
    """Whether names and shapes agree, and the values of a few tensors spread over the model."""
    first, second = dict(a.state_dict()), dict(b.state_dict())
    if {k: v.shape for k, v in first.items()} != {k: v.shape for k, v in second.items()}:
        return False
    return all(_alike(first[name], second[name]) for name in _spread(first))


def _spread(state: dict[str, Tensor]) -> Iterator[str]:
    """Names of a few tensors, evenly spread; first and last among them."""
    names = [name for name, value in state.items() if value.numel() >= LEAST_VALUES]
    count = min(SAMPLES, len(names))
    return (names[i * (len(names) - 1) // max(1, count - 1)] for i in range(count))


def _alike(a: Tensor, b: Tensor) -> bool:
    """Whether they are the same up to the rounding of the coarser of their types."""
    rounding = max(torch.finfo(value.dtype).eps for value in (a, b))
    a, b = a.float(), b.float()
    return bool((a - b).abs().max() <= rounding * a.abs().max())
