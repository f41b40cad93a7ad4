"""Beside transformers, an independent implementation: SAM and SAM 2 of any size, also published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.parity.errors import Errors, shaken
from benchmarks.parity.names import sam2_names, sam_names
from biprompt.models.sam import Sam, SamConfig, SamPrompts, VitConfig
from biprompt.models.sam2 import Sam2, Sam2Config

SIZES: Mapping[str, Callable[[], Sam | Sam2]] = {
    "sam-vit-b": lambda: Sam(SamConfig.vit_b()),
    "sam-vit-l": lambda: Sam(SamConfig.vit_l()),
    "sam-vit-h": lambda: Sam(SamConfig.vit_h()),
    "sam2-hiera-l": lambda: Sam2(Sam2Config()),
}
"""What transformers knows too, as it was published."""
_POINTS = torch.tensor([[[300.0, 410.5], [701.0, 90.0]], [[64.0, 1000.0], [3.0, 512.0]]])
_LABELS = torch.tensor([[1, 0], [1, 1]])
_BOXES = torch.tensor([[100.0, 120.0, 800.0, 640.0], [0.0, 240.0, 400.0, 1024.0]])


@torch.inference_mode()
def beside_transformers(name: str) -> Errors:
    """Compare one of :data:`SIZES`, with random weights: an image, and points with a box."""
    torch.manual_seed(0)
    ours, errors = SIZES[name](), Errors()
    shaken(ours)
    theirs = _theirs(ours)
    pixels = torch.randn(1, 3, 1024, 1024)
    features, embeddings = ours.encode_image(pixels), theirs.get_image_embeddings(pixels)
    last = embeddings[-1] if isinstance(ours, Sam2) else embeddings
    errors.compare("embedding", features["image"], last)
    prompts = SamPrompts(points=_POINTS, labels=_LABELS, boxes=_BOXES)
    logits, iou = ours.decode(features, prompts)
    for multimask, kept in ((True, slice(1, 4)), (False, slice(0, 1))):
        answer = theirs(
            image_embeddings=embeddings, input_points=_POINTS[None], input_labels=_LABELS[None],
            input_boxes=_BOXES[None], multimask_output=multimask,
        )  # fmt: skip
        errors.compare("logits", logits[:, kept], answer.pred_masks[0])
        errors.compare("iou", iou[:, kept], answer.iou_scores[0])
    return errors


def _theirs(ours: Sam | Sam2) -> Any:
    weights = dict(ours.state_dict())
    if isinstance(ours, Sam):
        return their_sam(ours.config, weights)
    return their_sam2(ours.config, weights)


def their_sam(config: SamConfig, weights: dict[str, Tensor]) -> nn.Module:
    """Give transformers' SamModel our weights, which both share; evaluation mode."""
    import transformers

    vit, decoder = config.encoder, config.decoder
    if not isinstance(vit, VitConfig):
        raise TypeError("transformers has no MobileSAM")
    facts = transformers.SamConfig(
        vision_config={
            "hidden_size": vit.dim, "output_channels": vit.out_dim, "mlp_dim": vit.mlp,
            "num_hidden_layers": vit.depth, "num_attention_heads": vit.heads,
            "image_size": vit.image_size, "window_size": vit.window,
            "global_attn_indexes": list(vit.global_blocks), "num_pos_feats": vit.out_dim // 2,
        },
        prompt_encoder_config={
            "hidden_size": vit.out_dim, "image_size": vit.image_size,
            "mask_input_channels": decoder.mask_channels,
        },
        mask_decoder_config={
            "hidden_size": vit.out_dim, "mlp_dim": decoder.mlp,
            "num_attention_heads": decoder.heads, "iou_head_hidden_dim": decoder.iou_hidden,
            "layer_norm_eps": 1e-5,  # of the original; transformers' default is 1e-6
        },
    )  # fmt: skip
    return _filled(lambda: transformers.SamModel(facts), sam_names(weights))


def their_sam2(config: Sam2Config, weights: dict[str, Tensor]) -> nn.Module:
    """Give transformers' Sam2Model our weights, which both share; evaluation mode."""
    import transformers

    encoder, decoder = config.encoder, config.decoder
    dims, side = list(encoder.dims), config.grid
    facts = transformers.Sam2Config(
        vision_config=transformers.Sam2VisionConfig(
            backbone_config=transformers.Sam2HieraDetConfig(
                hidden_size=encoder.dim, image_size=[encoder.image_size] * 2,
                blocks_per_stage=list(encoder.stages), embed_dim_per_stage=dims,
                num_attention_heads_per_stage=[encoder.heads * 2**stage for stage in range(4)],
                window_size_per_stage=list(encoder.windows),
                global_attention_blocks=list(encoder.global_blocks),
                window_positional_embedding_background_size=[encoder.background] * 2,
            ),
            backbone_channel_list=dims[::-1],
            backbone_feature_sizes=[[scale * side] * 2 for scale in (4, 2, 1)],
            fpn_hidden_size=config.dim,
        ),
        prompt_encoder_config=transformers.Sam2PromptEncoderConfig(
            hidden_size=config.dim, image_size=config.image_size
        ),
        mask_decoder_config=transformers.Sam2MaskDecoderConfig(
            hidden_size=config.dim, mlp_dim=decoder.mlp, num_attention_heads=decoder.heads,
            iou_head_hidden_dim=decoder.iou_hidden,
        ),
    )  # fmt: skip
    return _filled(lambda: transformers.Sam2Model(facts), sam2_names(weights))


def _filled(make: Callable[[], nn.Module], weights: dict[str, Tensor]) -> nn.Module:
    model = make()
    model.load_state_dict(weights, assign=True)
    return model.eval().requires_grad_(False)
