"""Which parts of a network may work in half precision.

Image encoders and BEiT-3 hold nearly all the weights and nearly all the work. The neck behind an
encoder overflows in float16, and decoders are small: both stay in float32. So does what the neck
hands to the decoder; SAM's neck by itself would round it to the type of its input.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.models.evf import EvfSam
from biprompt.runtime.torch.place import Place


def settle(model: nn.Module, place: Place) -> nn.Module:
    """Move a promptable network, or EVF-SAM, to its place, ready to answer.

    A network whose encoder is another's already settled one is settled again at no cost.

    Returns:
        The same module.
    """
    model.eval().requires_grad_(False)
    for name, part in model.named_children():
        if name not in ("image_encoder", "visual_model", "mm_extractor"):
            part.to(place.device, torch.float32)
    for value in _own_tensors(model):
        value.data = value.data.to(place.device, torch.float32)
    if isinstance(model, EvfSam):
        settle(model.visual_model, place)
        model.mm_extractor.to(place.device, place.dtype)
        _read_float32(model.text_hidden_fcs[0], place)
    elif isinstance(encoder := model.image_encoder, nn.Module):
        _settle_encoder(encoder, place)
    return model


def _own_tensors(model: nn.Module) -> list[Tensor]:
    """Parameters and buffers that belong to the module itself, not to a part of it."""
    return [*model.parameters(recurse=False), *model.buffers(recurse=False)]


def _settle_encoder(encoder: nn.Module, place: Place) -> None:
    encoder.to(place.device, place.dtype)
    if isinstance(neck := encoder.neck, nn.Module):
        _read_float32(neck.float(), place)


def _read_float32(part: nn.Module, place: Place) -> None:
    """Let a part in float32 take what half precision gives it."""
    if place.dtype != torch.float32 and not part._forward_pre_hooks:
        part.register_forward_pre_hook(_in_float32)


def _in_float32(module: nn.Module, args: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(_floated(value) for value in args)


def _floated(value: object) -> object:
    if isinstance(value, Tensor):
        return value.float()
    if isinstance(value, (list, tuple)):
        return [_floated(one) for one in value]
    return value
