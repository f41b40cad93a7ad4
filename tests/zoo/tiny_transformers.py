"""Tiny networks of transformers with random weights, and the folders that it saves them to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

DIM, SIDE = 32, 128
_PROMPTS = {"hidden_size": DIM, "image_size": SIDE, "patch_size": 16}
_DECODER = {"hidden_size": DIM, "mlp_dim": 64, "num_attention_heads": 4, "iou_head_hidden_dim": 24}


def randomised(model: Any, seed: int = 0) -> Any:
    """Give every parameter numbers that make a difference; positions are tied, as published."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            numbers = torch.randn(value.shape, generator=generator)
            if value.ndim > 1:
                value.copy_(numbers / max(1, value[0].numel()) ** 0.5)
            else:
                value.copy_(0.1 * numbers + ("norm" in name and name.endswith("weight")))
        own = model.prompt_encoder.shared_embedding.positional_embedding
        model.shared_image_embedding.positional_embedding.copy_(own)
    return model.eval()


def sam2(*, heads: int = 8) -> Any:
    trunk = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 16, "image_size": [SIDE, SIDE],
        "blocks_per_stage": [1, 2, 3, 2], "embed_dim_per_stage": [16, 32, 64, 128],
        "num_attention_heads_per_stage": [1, 2, 4, 8], "window_size_per_stage": [8, 4, 6, 2],
        "global_attention_blocks": [4],
    }  # fmt: skip
    vision = {
        "backbone_config": trunk, "backbone_channel_list": [128, 64, 32, 16],
        "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]], "fpn_hidden_size": DIM,
    }  # fmt: skip
    config = transformers.Sam2Config(
        vision_config=vision, prompt_encoder_config=_PROMPTS,
        mask_decoder_config={**_DECODER, "num_attention_heads": heads},
    )  # fmt: skip
    return randomised(transformers.Sam2Model(config))


def _vit() -> dict[str, Any]:
    return {
        "hidden_size": 48, "output_channels": DIM, "num_hidden_layers": 4, "mlp_dim": 96,
        "num_attention_heads": 4, "image_size": SIDE, "patch_size": 16, "window_size": 3,
        "global_attn_indexes": [1, 3], "num_pos_feats": DIM // 2,
    }  # fmt: skip


def sam() -> Any:
    config = transformers.SamConfig(
        vision_config=_vit(), prompt_encoder_config=_sam_prompts(), mask_decoder_config=_DECODER
    )
    return randomised(transformers.SamModel(config))


def sam_hq() -> Any:
    decoder = {**_DECODER, "vit_dim": 48}
    config = transformers.SamHQConfig(
        vision_config=_vit(), prompt_encoder_config=_sam_prompts(), mask_decoder_config=decoder
    )
    return randomised(transformers.SamHQModel(config))


def _sam_prompts() -> dict[str, Any]:
    return {"hidden_size": DIM, "image_size": SIDE, "patch_size": 16, "image_embedding_size": 8}


def sam3_tracker(*, levels: int = 4) -> Any:
    """The tracker of SAM 3: 8 patches of 14 pixels along a side."""
    grid = 8
    trunk = {
        "model_type": "sam3_vit_model", "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": 2, "layer_norm_eps": 1e-6,
        "num_attention_heads": 2, "image_size": 14 * grid, "patch_size": 14, "window_size": 4,
        "global_attn_indexes": [1], "pretrain_image_size": 14 * grid,
    }  # fmt: skip
    vision = {
        "model_type": "sam3_vision_model", "backbone_config": trunk,
        "fpn_hidden_size": DIM, "scale_factors": [4.0, 2.0, 1.0, 0.5][:levels],
        "backbone_feature_sizes": [[4 * grid] * 2, [2 * grid] * 2, [grid] * 2],
    }  # fmt: skip
    config = transformers.Sam3TrackerConfig(
        vision_config=vision, mask_decoder_config=_DECODER,
        prompt_encoder_config={"hidden_size": DIM, "image_size": 14 * grid, "patch_size": 14},
    )  # fmt: skip
    return randomised(transformers.Sam3TrackerModel(config))


def saved(model: Any, folder: Path) -> Path:
    """What `save_pretrained` writes."""
    model.save_pretrained(folder)
    return folder
