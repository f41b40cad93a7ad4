"""From the names of SAM, SAM-HQ, SAM 2 and EdgeTAM in transformers to the published ones.

The networks are the same, tensor by tensor; only the four point embeddings of SAM 2, one table
there, are four tensors in the published files. The names are those of transformers 5.23.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SIGNS = (
    "vision_encoder.backbone.patch_embed.projection.weight",
    "vision_encoder.backbone.timm_model.stem.conv1.c.weight",
    "vision_encoder.layers.0.attn.rel_pos_h",
)
"""Names that only a SAM 2, an EdgeTAM, or a SAM of transformers has."""
_SAM = "vision_encoder.layers."
"""Names of the first SAM and of SAM-HQ only."""
POINTS = "prompt_encoder.point_embed.weight"
_POSITIONS = "prompt_encoder.shared_embedding.positional_embedding"
_SHARED = "shared_image_embedding.positional_embedding"
"""The same numbers a second time; alone in files that keep tied tensors once."""
KINDS_OF_POINT = 4

# In order; each applies to what the ones before it made.
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^vision_encoder\.backbone\.timm_model\.", r"image_encoder.trunk.body."),
        (r"^vision_encoder\.backbone\.", r"image_encoder.trunk."),
        (r"^vision_encoder\.neck\.convs\.(\d+)\.", r"image_encoder.neck.convs.\1.conv."),
        (r"\.patch_embed\.projection\.", r".patch_embed.proj."),
        (r"^vision_encoder\.neck\.conv1\.", r"image_encoder.neck.0."),
        (r"^vision_encoder\.neck\.layer_norm1\.", r"image_encoder.neck.1."),
        (r"^vision_encoder\.neck\.conv2\.", r"image_encoder.neck.2."),
        (r"^vision_encoder\.neck\.layer_norm2\.", r"image_encoder.neck.3."),
        (r"^vision_encoder\.layers\.", r"image_encoder.blocks."),
        (r"^vision_encoder\.", r"image_encoder."),
        (r"\.point_embed\.", r".point_embeddings."),
        (r"\.hq_token\.", r".hf_token."),
        (r"\.hq_mask_mlp\.", r".hf_mlp."),
        (r"\.compress_vit_conv1\.", r".compress_vit_feat.0."),
        (r"\.compress_vit_norm\.", r".compress_vit_feat.1."),
        (r"\.compress_vit_conv2\.", r".compress_vit_feat.3."),
        (r"\.encoder_conv1\.", r".embedding_encoder.0."),
        (r"\.encoder_norm\.", r".embedding_encoder.1."),
        (r"\.encoder_conv2\.", r".embedding_encoder.3."),
        (r"\.mask_conv1\.", r".embedding_maskfeature.0."),
        (r"\.mask_norm\.", r".embedding_maskfeature.1."),
        (r"\.mask_conv2\.", r".embedding_maskfeature.3."),
        (r"\.shared_embedding\.positional_embedding$",
         r".pe_layer.positional_encoding_gaussian_matrix"),
        (r"\.mask_embed\.conv1\.", r".mask_downscaling.0."),
        (r"\.mask_embed\.layer_norm1\.", r".mask_downscaling.1."),
        (r"\.mask_embed\.conv2\.", r".mask_downscaling.3."),
        (r"\.mask_embed\.layer_norm2\.", r".mask_downscaling.4."),
        (r"\.mask_embed\.conv3\.", r".mask_downscaling.6."),
        (r"\.upscale_conv1\.", r".output_upscaling.0."),
        (r"\.upscale_layer_norm\.", r".output_upscaling.1."),
        (r"\.upscale_conv2\.", r".output_upscaling.3."),
        (r"\.layer_norm_final_attn\.", r".norm_final_attn."),
        (r"\.layer_norm(\d)\.", r".norm\1."),
        (r"\.o_proj\.", r".out_proj."),
        # Heads have three linear layers, the MLPs of blocks two.
        (r"((?:mlps\.\d+|_head|_mlp))\.layers\.0\.", r"\1.layers.1."),
        (r"((?:mlps\.\d+|_head|_mlp))\.proj_out\.", r"\1.layers.2."),
        (r"\.mlp\.proj_out\.", r".mlp.layers.1."),
        (r"\.proj_in\.", r".layers.0."),
        (r"^no_memory_embedding$", r"no_mem_embed"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where a tensor of the published names is found.

    Attributes:
        name: in transformers.
        row: of that table, None for all of the tensor.
    """

    name: str
    row: int | None = None

    def taken(self, tensor: Tensor) -> Tensor:
        """The tensor out of the one of transformers."""
        return tensor if self.row is None else tensor[self.row : self.row + 1]


def renamed(name: str) -> str:
    """The name of a tensor in SAM; its own where transformers has the same."""
    for pattern, replacement in _RULES:
        name = pattern.sub(replacement, name)
    return name


def sources(names: Iterable[str]) -> Mapping[str, Source]:
    """Where the tensors of the published names are found among those of transformers.

    Args:
        names: all names of a checkpoint, or of a network, of transformers.
    """
    kept = {name: Source(name) for name in names}
    if (shared := kept.pop(_SHARED, None)) is not None:
        kept.setdefault(_POSITIONS, shared)
    if POINTS in kept:
        del kept[POINTS]
        for row in range(KINDS_OF_POINT):
            kept[f"prompt_encoder.point_embed.{row}.weight"] = Source(POINTS, row)
    prefix = "" if any(name.startswith(_SAM) for name in kept) else "sam_"
    return {_prefixed(renamed(name), prefix): source for name, source in kept.items()}


def _prefixed(name: str, prefix: str) -> str:
    """The published SAM 2 says ``sam_`` before the parts that it took over."""
    return prefix + name if name.startswith(("prompt_encoder.", "mask_decoder.")) else name
