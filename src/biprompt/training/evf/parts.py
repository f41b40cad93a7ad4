"""Which parts of the network learn."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import nn

from biprompt.errors import DataError
from biprompt.training.evf.clip import Network
from biprompt.training.evf.lora import MARK
from biprompt.training.evf.recipe import EvfRecipe

PARTS: Mapping[str, str] = {
    "train_beit3": r"mm_extractor\.",
    "train_projector": r"text_hidden_fcs\.",
    "train_mask_decoder": r"visual_model\.(sam_)?mask_decoder\.",
    "train_no_mask_embed": r"visual_model\.(sam_)?prompt_encoder\.no_mask_embed\.",
    "train_image_encoder": r"visual_model\.(image_encoder\.|no_mem_embed)",
}
"""The switches of the recipe, and the names of the parameters that each sets free."""

_BEIT3 = re.compile(PARTS["train_beit3"])
# They give answers 1 to 3, the predicted IoU and the object score, and the loss looks at answer 0
# alone: their gradient is none or zero, and weight decay would wear them away.
_NOT_ASKED = re.compile(
    r"output_hypernetworks_mlps\.[123]\.|iou_prediction_head\.|pred_obj_score_head\."
)
# SAM 2 applies them while it looks at the picture: they go with the image encoder.
_OF_LOOKING = re.compile(r"sam_mask_decoder\.conv_s[01]\.")


def free_parts(model: Network, recipe: EvfRecipe) -> None:
    """Set `requires_grad` of all parameters as the recipe says.

    Raises:
        DataError: nothing would learn.
    """
    switches = [re.compile(names) for field, names in PARTS.items() if getattr(recipe, field)]
    for name, parameter in model.named_parameters():
        learns = any(switch.match(name) for switch in switches)
        if recipe.lora and _BEIT3.match(name):
            learns = f".{MARK}" in name
        learns = learns and not _NOT_ASKED.search(name) and not name.endswith("mask_token")
        if _OF_LOOKING.search(name):
            learns = learns and recipe.train_image_encoder
        parameter.requires_grad_(learns)
    if not trainable(model):
        raise DataError(
            "recipe", expected="a part that learns", actual=f"none of {', '.join(PARTS)}"
        )


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that learn, by name."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}
