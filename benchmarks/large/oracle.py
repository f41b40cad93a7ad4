"""transformers' SamModel with the weights of our own SAM."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from biprompt.models.sam import SamConfig, VitConfig

RENAMED: Sequence[tuple[str, str]] = (
    (r"^image_encoder\.", ""),
    (r"^blocks\.", "layers."),
    (r"\.norm(\d)\.", r".layer_norm\1."),
    (r"^patch_embed\.proj\.", "patch_embed.projection."),
    (r"^neck\.0\.", "neck.conv1."),
    (r"^neck\.1\.", "neck.layer_norm1."),
    (r"^neck\.2\.", "neck.conv2."),
    (r"^neck\.3\.", "neck.layer_norm2."),
)
"""Names of the image encoder: ours, which are the official ones, and those of transformers."""


class TransformersEncoder:
    """Its image encoder: ``(B, 3, S, S)`` to ``(B, C, S/16, S/16)``.

    Attributes:
        model: the module.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    def __call__(self, x: Tensor) -> Tensor:
        """Look at images."""
        embedding: Tensor = self.model(x).last_hidden_state
        return embedding


def transformers_encoder(config: SamConfig, weights: Path) -> TransformersEncoder:
    """Load the image encoder.

    Args:
        config: sizes of a SAM with a plain vision transformer.
        weights: a state dict with the official names.
    """
    from transformers import SamVisionConfig
    from transformers.models.sam.modeling_sam import SamVisionModel

    vit = config.encoder
    if not isinstance(vit, VitConfig):
        raise TypeError("transformers has no MobileSAM")
    facts = SamVisionConfig(
        hidden_size=vit.dim, num_hidden_layers=vit.depth, num_attention_heads=vit.heads,
        mlp_dim=vit.mlp, window_size=vit.window, global_attn_indexes=list(vit.global_blocks),
        image_size=vit.image_size, output_channels=vit.out_dim,
    )  # fmt: skip
    with torch.device("meta"):
        model = SamVisionModel(facts).eval()
    state = torch.load(weights, mmap=True, weights_only=True)
    named = {renamed(k): v for k, v in state.items() if k.startswith("image_encoder.")}
    model.vision_encoder.load_state_dict(named, assign=True)
    return TransformersEncoder(model)


def renamed(name: str) -> str:
    """A name of the image encoder as transformers has it."""
    for pattern, replacement in RENAMED:
        name = re.sub(pattern, replacement, name)
    return name
