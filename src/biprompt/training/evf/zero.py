"""The state of a network that DeepSpeed trains (ZeRO-2), as whole tensors by name.

DeepSpeed keeps float32 weights and the optimiser's memory in flat pieces, one in each process, and
the network itself in half precision. Every process has to call these functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from biprompt.training.evf.state import States, whole

_KEYS = ("exp_avg", "exp_avg_sq")
"""What AdamW remembers of each number; and, of all together, the step."""


def zero_weights(parameters: Mapping[str, nn.Parameter]) -> dict[str, Tensor]:
    """The float32 weights, whole, on the CPU."""
    from deepspeed.utils import safe_get_full_fp32_param

    return {name: whole(safe_get_full_fp32_param(p)) for name, p in parameters.items()}


def zero_states(zero: Any, parameters: Mapping[str, nn.Parameter]) -> States:
    """What the optimiser remembers of each parameter; nothing before the first step."""
    from deepspeed.utils import safe_get_full_optimizer_state

    steps = [entry["step"] for entry in zero.optimizer.state.values() if "step" in entry]
    if not steps:
        return {}
    return {
        name: {key: whole(safe_get_full_optimizer_state(p, key)) for key in _KEYS}
        | {"step": torch.as_tensor(steps[0]).detach().cpu().clone()}
        for name, p in parameters.items()
    }


def put_zero(
    zero: Any, parameters: Mapping[str, nn.Parameter], weights: Mapping[str, Tensor], states: States
) -> None:
    """Give network and optimiser what `zero_weights` and `zero_states` returned."""
    from deepspeed.utils import safe_set_full_fp32_param, safe_set_full_optimizer_state

    step = next(iter(states.values()))["step"]
    for flat in zero.single_partition_of_fp32_groups:
        zero.optimizer.state[flat] = {key: torch.zeros_like(flat) for key in _KEYS}
        zero.optimizer.state[flat]["step"] = step.clone()
    zero._lazy_init_hp_params_optimizer_state()
    with torch.no_grad():
        for name, parameter in parameters.items():
            given = weights[name].to(parameter.device)
            parameter.copy_(given)
            safe_set_full_fp32_param(parameter, given)
            for key in _KEYS:
                value = states[name][key].to(parameter.device)
                safe_set_full_optimizer_state(parameter, value, key)
