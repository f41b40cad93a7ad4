"""Pretrained weights for the guided network's backbone, and how fast each part learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from biprompt.errors import WeightsError
from biprompt.models.guided import GuidedNetwork
from biprompt.training.guided.recipe import GuidedRecipe

_STEM = "features.0.conv.weight"


def load_backbone(network: GuidedNetwork, path: Path) -> None:
    """Start the backbone from MobileNetV2 weights (ImageNet, or DeepLab's ``backbone.``).

    Where the first convolution also sees guidance, its weights for the image alone are replaced.

    Raises:
        WeightsError: the file is missing or damaged, or a tensor is missing or has another shape.
    """
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        found = "nothing there" if isinstance(error, FileNotFoundError) else str(error)
        expected = "a .safetensors file"
        raise WeightsError("weights", expected=expected, actual=found, path=path) from error
    given = {name.removeprefix("backbone."): value.float() for name, value in state.items()}
    wanted = network.backbone.state_dict()
    taken = {name: _taken(name, value, given, path) for name, value in wanted.items()}
    network.backbone.load_state_dict(taken)


def _taken(name: str, own: Tensor, given: dict[str, Tensor], path: Path) -> Tensor:
    value = given.get(name)
    if value is not None and name == _STEM and own.shape[1] > value.shape[1]:
        value = torch.cat((value, own[:, value.shape[1] :]), 1)
    if value is None or value.shape != own.shape:
        actual = "nothing" if value is None else tuple(value.shape)
        raise WeightsError(name, expected=tuple(own.shape), actual=actual, path=path)
    return value


def parameter_groups(network: GuidedNetwork, recipe: GuidedRecipe) -> list[dict[str, Any]]:
    """The backbone slower than the rest; no decay on biases and single numbers."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        scale = recipe.backbone_rate if _is_pretrained(name, network) else 1.0
        decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((scale, decay), []).append(parameter)
    return [
        {"params": parameters, "scale": scale, "weight_decay": decay}
        for (scale, decay), parameters in groups.items()
    ]


def _is_pretrained(name: str, network: GuidedNetwork) -> bool:
    """Whether pretrained weights fill it; a first convolution that also sees guidance is new."""
    widened = network.config.fusion == "concatenation"
    return name.startswith("backbone.") and not (widened and name == f"backbone.{_STEM}")
