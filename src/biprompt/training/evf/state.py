"""The state of a run as plain tensors by name, whole whatever wraps or divides the network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor

from biprompt.errors import WeightsError

States = dict[str, dict[str, Tensor]]


def whole(value: Tensor) -> Tensor:
    """A tensor on the CPU, put together from all processes where it is divided (FSDP).

    Then every process has to ask for it.
    """
    full = value.full_tensor() if isinstance(value, DTensor) else value
    return full.detach().to("cpu", copy=True)


def optimizer_state(
    optimizer: torch.optim.Optimizer, parameters: Mapping[str, nn.Parameter]
) -> States:
    """What the optimiser remembers of each parameter, by the parameter's name."""
    return {
        name: {key: whole(value) for key, value in optimizer.state[parameter].items()}
        for name, parameter in parameters.items()
        if parameter in optimizer.state
    }


def check_weights(
    parameters: Mapping[str, nn.Parameter], given: Mapping[str, Tensor], path: Path
) -> None:
    """Check that a checkpoint holds what learns.

    Raises:
        WeightsError: a name is missing or unexpected, or a shape differs.
    """
    wrong = [f"no {name}" for name in parameters if name not in given]
    wrong += [f"unexpected {name}" for name in given if name not in parameters]
    wrong += [
        f"{name} {tuple(given[name].shape)}"
        for name, value in parameters.items()
        if name in given and given[name].shape != value.shape
    ]
    if wrong:
        expected = "what the recipe lets learn"
        actual = ", ".join(wrong[:4]) + (f" and {len(wrong) - 4} more" if len(wrong) > 4 else "")
        raise WeightsError("checkpoint", expected=expected, actual=actual, path=path)


def put_weights(parameters: Mapping[str, nn.Parameter], given: Mapping[str, Tensor]) -> None:
    """Give parameters the values of a checkpoint."""
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(_as(given[name], value))


def put_optimizer(
    optimizer: torch.optim.Optimizer,
    parameters: Mapping[str, nn.Parameter],
    given: States,
) -> None:
    """Give the optimiser what it remembered."""
    for name, entries in given.items():
        parameter = parameters[name]
        optimizer.state[parameter] = {
            key: value if key == "step" else _as(value, parameter) for key, value in entries.items()
        }


def _as(value: Tensor, like: Tensor) -> Tensor:
    """A whole tensor on the device of another one, divided as that is."""
    value = value.to(like.device, like.dtype, copy=True)
    if isinstance(like, DTensor):
        return distribute_tensor(value, like.device_mesh, like.placements)
    return value


def plain(state: Any) -> Any:
    """Tensors of a small state, such as a loss scaler's, on the CPU."""
    if isinstance(state, Tensor):
        return whole(state)
    if isinstance(state, dict):
        return {name: plain(value) for name, value in state.items()}
    return state
