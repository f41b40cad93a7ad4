"""Layers that are worked out again on the way back instead of being remembered."""

from __future__ import annotations

from functools import partial
from typing import cast

from torch import nn
from torch.utils.checkpoint import checkpoint

from biprompt.training.evf.clip import ClipSam, Network


def layers_of(model: Network, *, looking: bool) -> list[nn.Module]:
    """The layers of BEiT-3 (or CLIP), and where the image encoder learns, its blocks."""
    layers = model.layers if isinstance(model, ClipSam) else list(model.beit3.encoder.layers)
    if looking:
        layers += _blocks(cast(nn.Module, model.visual_model.image_encoder))
    return layers


def forget(layers: list[nn.Module]) -> None:
    """Remember of these layers only what goes in. Names of parameters stay as they are."""
    for layer in layers:
        layer.forward = partial(checkpoint, layer.forward, use_reentrant=False)


def _blocks(encoder: nn.Module) -> list[nn.Module]:
    lists = [one for one in encoder.modules() if isinstance(one, nn.ModuleList) and len(one)]
    return [block for one in lists if hasattr(one[0], "attn") for block in one]
