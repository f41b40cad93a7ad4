"""Published names of weights, and what transformers calls them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

Rules = Sequence[tuple[str, str]]

SAM: Rules = (
    (r"^image_encoder\.", "vision_encoder."),
    (r"\.blocks\.", ".layers."),
    (r"(vision_encoder\.layers\.\d+\.)norm", r"\1layer_norm"),
    (r"patch_embed\.proj\.", "patch_embed.projection."),
    (r"neck\.0\.", "neck.conv1."),
    (r"neck\.1\.", "neck.layer_norm1."),
    (r"neck\.2\.", "neck.conv2."),
    (r"neck\.3\.", "neck.layer_norm2."),
    (r"point_embeddings", "point_embed"),
    (r"mask_downscaling\.0\.", "mask_embed.conv1."),
    (r"mask_downscaling\.1\.", "mask_embed.layer_norm1."),
    (r"mask_downscaling\.3\.", "mask_embed.conv2."),
    (r"mask_downscaling\.4\.", "mask_embed.layer_norm2."),
    (r"mask_downscaling\.6\.", "mask_embed.conv3."),
    (r"output_upscaling\.0\.", "upscale_conv1."),
    (r"output_upscaling\.1\.", "upscale_layer_norm."),
    (r"output_upscaling\.3\.", "upscale_conv2."),
    (r"((?:output_hypernetworks_mlps\.\d|iou_prediction_head)\.)layers\.0", r"\1proj_in"),
    (r"((?:output_hypernetworks_mlps\.\d|iou_prediction_head)\.)layers\.1", r"\1layers.0"),
    (r"((?:output_hypernetworks_mlps\.\d|iou_prediction_head)\.)layers\.2", r"\1proj_out"),
    (r"(transformer\.layers\.\d\.)norm", r"\1layer_norm"),
    (r"norm_final_attn", "layer_norm_final_attn"),
)
SAM2: Rules = (
    (r"^image_encoder\.trunk\.", "vision_encoder.backbone."),
    (r"^image_encoder\.neck\.convs\.(\d)\.conv\.", r"vision_encoder.neck.convs.\1."),
    (r"^sam_prompt_encoder\.", "prompt_encoder."),
    (r"^sam_mask_decoder\.", "mask_decoder."),
    (r"^no_mem_embed$", "no_memory_embedding"),
    (r"patch_embed\.proj\.", "patch_embed.projection."),
    (r"(vision_encoder.*|transformer\.layers.*)\.norm(\d)\.", r"\1.layer_norm\2."),
    (r"\.norm_final_attn\.", ".layer_norm_final_attn."),
    (r"(mask_decoder\.transformer.*)\.out_proj\.", r"\1.o_proj."),
    (r"\.mlp\.layers\.0\.", ".mlp.proj_in."),
    (r"\.mlp\.layers\.1\.", ".mlp.proj_out."),
    (r"(mlps\.\d|head)\.layers\.0\.", r"\1.proj_in."),
    (r"(mlps\.\d|head)\.layers\.1\.", r"\1.layers.0."),
    (r"(mlps\.\d|head)\.layers\.2\.", r"\1.proj_out."),
    (r"\.pe_layer\.positional_encoding_gaussian_matrix", ".shared_embedding.positional_embedding"),
    (r"\.output_upscaling\.0\.", ".upscale_conv1."),
    (r"\.output_upscaling\.1\.", ".upscale_layer_norm."),
    (r"\.output_upscaling\.3\.", ".upscale_conv2."),
    (r"\.mask_downscaling\.0\.", ".mask_embed.conv1."),
    (r"\.mask_downscaling\.1\.", ".mask_embed.layer_norm1."),
    (r"\.mask_downscaling\.3\.", ".mask_embed.conv2."),
    (r"\.mask_downscaling\.4\.", ".mask_embed.layer_norm2."),
    (r"\.mask_downscaling\.6\.", ".mask_embed.conv3."),
)
_GAUSSIAN = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"


def sam_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of a SAM under the names of transformers."""
    found = _renamed(weights, SAM)
    gaussian = found.pop(_GAUSSIAN)
    for owner in ("shared_image_embedding", "prompt_encoder.shared_embedding"):
        found[f"{owner}.positional_embedding"] = gaussian
    return found


def sam2_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of a SAM 2 under the names of transformers."""
    found = _renamed(weights, SAM2)
    points = "prompt_encoder.point_embeddings.{}.weight"
    found["prompt_encoder.point_embed.weight"] = torch.cat(
        [found.pop(points.format(index)) for index in range(4)]
    )
    position = found["prompt_encoder.shared_embedding.positional_embedding"]
    return found | {"shared_image_embedding.positional_embedding": position}


def _renamed(weights: dict[str, Tensor], rules: Rules) -> dict[str, Tensor]:
    found = {}
    for name, value in weights.items():
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        found[name] = value
    return found
