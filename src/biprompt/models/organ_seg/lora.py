"""LoRA on the language model: names of what learns, and its sum with the frozen weights.

Training puts the low-rank matrices in with peft; a trained model is answered with their sum, for
which peft is not needed. Source: Hu et al., "LoRA", arXiv 2106.09685.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from biprompt.errors import WeightsError

MARK = ".lora_"
"""In the names of all that LoRA adds."""
TARGETS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj)"
"""The linear layers of its attention, as a pattern over names. The paper does not say which."""
DOWN, UP = f"{MARK}A.default.weight", f"{MARK}B.default.weight"


@torch.no_grad()
def merge(language: nn.Module, learnt: Mapping[str, Tensor], scale: float) -> None:
    """Add what LoRA learnt to the weights of a language model, in place.

    Args:
        language: as transformers loads it, without LoRA.
        learnt: low-rank matrices by the names that peft gives them.
        scale: alpha over rank.

    Raises:
        WeightsError: a matrix is missing, or belongs to no layer of the model.
    """
    weights = dict(language.named_parameters())
    layers = {name.partition(MARK)[0] for name in learnt}
    for layer in sorted(layers):
        down, up, weight = (
            learnt.get(layer + DOWN),
            learnt.get(layer + UP),
            weights.get(f"{layer}.weight"),
        )
        if down is None or up is None or weight is None:
            raise WeightsError("LoRA", expected="layers of this language model", actual=layer)
        if weight.shape != (up.shape[0], down.shape[1]) or up.shape[1] != down.shape[0]:
            actual = f"{tuple(up.shape)} and {tuple(down.shape)} for {layer}"
            raise WeightsError("LoRA", expected=f"shape {tuple(weight.shape)}", actual=actual)
        weight.add_((scale * (up.float() @ down.float())).to(weight))
