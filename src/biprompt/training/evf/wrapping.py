"""What accelerate has to know before it wraps the network for DDP, FSDP or DeepSpeed."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from torch import nn
from torch.distributed.fsdp import MixedPrecisionPolicy

from biprompt.training.evf.recipe import EvfRecipe

KINDS = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
"""Types of numbers by accelerate's names for precision."""


def precision_of(recipe: EvfRecipe) -> str:
    """What accelerate calls the recipe's precision on this machine."""
    if recipe.precision != "auto":
        return recipe.precision
    if not torch.cuda.is_available():
        return "no"
    return "bf16" if torch.cuda.is_bf16_supported() else "fp16"


def accelerator_for(recipe: EvfRecipe) -> Accelerator:
    """What accelerate makes of the way the process was launched."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    return Accelerator(mixed_precision=precision_of(recipe), cpu=not torch.cuda.is_available())


def is_deepspeed(accelerator: Accelerator) -> bool:
    """Whether DeepSpeed does the steps."""
    return bool(accelerator.distributed_type == DistributedType.DEEPSPEED)


def wrapped(
    accelerator: Accelerator,
    recipe: EvfRecipe,
    objective: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> tuple[nn.Module, Any]:
    """The network and its optimiser, as accelerate wraps them for this launch."""
    if is_deepspeed(accelerator):
        config = accelerator.state.deepspeed_plugin.deepspeed_config
        config["train_micro_batch_size_per_gpu"] = recipe.micro_batch
        config["gradient_clipping"] = recipe.clip
    elif accelerator.is_fsdp2 and accelerator.mixed_precision != "no":
        # By itself it would round what comes out, the losses, to half precision too.
        accelerator.state.fsdp_plugin.mixed_precision_policy = MixedPrecisionPolicy(
            param_dtype=KINDS[accelerator.mixed_precision],
            reduce_dtype=torch.float32,
        )
    network, wrapper = accelerator.prepare(objective, optimizer)
    return network, wrapper
