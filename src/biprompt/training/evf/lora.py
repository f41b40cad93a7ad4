"""Low-rank changes to BEiT-3 (LoRA, arXiv 2106.09685) through peft, and their sum with it."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from biprompt.errors import MissingExtraError
from biprompt.training.evf.recipe import EvfRecipe

MARK = "lora_"
"""In the names of all that LoRA adds."""
_ATTENTION = r"self_attn\.(q|k|v|out)_proj\.[AB]"
_FFN = r"ffn\.[AB]\.fc[12]"
_BASE, _DOWN, _UP = ".base_layer.", ".lora_A.default.weight", ".lora_B.default.weight"


def add_lora(beit3: nn.Module, recipe: EvfRecipe) -> None:
    """Put low-rank matrices beside the linear layers of BEiT-3, in place; at first they add 0.

    Raises:
        MissingExtraError: peft is not installed.
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise MissingExtraError("train", "--lora (peft)") from None
    parts = f"{_ATTENTION}|{_FFN}" if recipe.lora_ffn else _ATTENTION
    config = LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,
        lora_dropout=recipe.lora_dropout,
        target_modules=rf"encoder\.layers\.\d+\.({parts})",
    )
    inject_adapter_in_model(config, beit3)


def merged(state: Mapping[str, Tensor], recipe: EvfRecipe) -> dict[str, Tensor]:
    """Weights under their official names, what LoRA learnt added to them.

    Args:
        state: whole tensors by name; without LoRA they come back as they are.
        recipe: its scale is ``lora_alpha / lora_rank``.
    """
    found = {}
    for name, value in state.items():
        layer, base, rest = name.partition(_BASE)
        if base and rest == "weight":
            up, down = state[layer + _UP], state[layer + _DOWN]
            value = value + recipe.lora_alpha / recipe.lora_rank * (up @ down)
        if f".{MARK}" not in name:
            found[name.replace(_BASE, ".")] = value
    return found
