"""The same numbers as an independent implementation, that of the transformers library."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import Tensor

from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2 import Sam2, Sam2Config

# The names of its weights change between releases.
transformers = pytest.importorskip("transformers", minversion="5.23")

RENAMES = (
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


def renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The official state dict under the names of transformers."""
    theirs = {}
    for name, value in weights.items():
        for pattern, replacement in RENAMES:
            name = re.sub(pattern, replacement, name)
        theirs[name] = value
    points = "prompt_encoder.point_embeddings.{}.weight"
    table = torch.cat([theirs.pop(points.format(index)) for index in range(4)])
    position = theirs["prompt_encoder.shared_embedding.positional_embedding"]
    shared = {"shared_image_embedding.positional_embedding": position}
    return theirs | shared | {"prompt_encoder.point_embed.weight": table}


def their_config(config: Sam2Config) -> Any:
    encoder, decoder = config.encoder, config.decoder
    dims, side = list(encoder.dims), config.grid
    return transformers.Sam2Config(
        vision_config=transformers.Sam2VisionConfig(
            backbone_config=transformers.Sam2HieraDetConfig(
                hidden_size=encoder.dim,
                image_size=[encoder.image_size] * 2,
                blocks_per_stage=list(encoder.stages),
                embed_dim_per_stage=dims,
                num_attention_heads_per_stage=[encoder.heads * 2**stage for stage in range(4)],
                window_size_per_stage=list(encoder.windows),
                global_attention_blocks=list(encoder.global_blocks),
            ),
            backbone_channel_list=dims[::-1],
            backbone_feature_sizes=[[scale * side] * 2 for scale in (4, 2, 1)],
            fpn_hidden_size=config.dim,
        ),
        prompt_encoder_config=transformers.Sam2PromptEncoderConfig(
            hidden_size=config.dim, image_size=config.image_size
        ),
        mask_decoder_config=transformers.Sam2MaskDecoderConfig(
            hidden_size=config.dim,
            mlp_dim=decoder.mlp,
            num_attention_heads=decoder.heads,
            iou_head_hidden_dim=decoder.iou_hidden,
        ),
    )


@pytest.fixture(scope="module")
def oracle(config: Sam2Config, weights: dict[str, Tensor]) -> Any:
    model = transformers.Sam2Model(their_config(config))
    model.load_state_dict(renamed(weights))
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def pixels(config: Sam2Config) -> Tensor:
    shape = (1, 3, config.image_size, config.image_size)
    return torch.randn(shape, generator=torch.Generator().manual_seed(5))


POINTS = torch.tensor([[[12.0, 100.5], [63.0, 7.25]], [[90.0, 40.0], [1.0, 127.0]]])
LABELS = torch.tensor([[1, 0], [1, 1]])
BOXES = torch.tensor([[10.0, 20.0, 70.0, 90.0], [0.0, 3.5, 127.0, 100.0]])
PROMPTS = {
    "points": (
        SamPrompts(points=POINTS, labels=LABELS),
        {"input_points": POINTS[None], "input_labels": LABELS[None]},
    ),
    "boxes": (SamPrompts(boxes=BOXES), {"input_boxes": BOXES[None]}),
    "box and points": (
        SamPrompts(points=POINTS, labels=LABELS, boxes=BOXES),
        {"input_points": POINTS[None], "input_labels": LABELS[None], "input_boxes": BOXES[None]},
    ),
}


@pytest.mark.parametrize("kind", PROMPTS)
def test_masks_and_iou(model: Sam2, oracle: Any, pixels: Tensor, kind: str) -> None:
    ours, theirs = PROMPTS[kind]
    logits, iou = model.decode(model.encode_image(pixels), ours)
    three = oracle(pixel_values=pixels, multimask_output=True, **theirs)
    torch.testing.assert_close(logits[:, 1:], three.pred_masks[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(iou[:, 1:], three.iou_scores[0], rtol=1e-4, atol=1e-4)
    single = oracle(pixel_values=pixels, multimask_output=False, **theirs)
    torch.testing.assert_close(logits[:, :1], single.pred_masks[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(iou[:, :1], single.iou_scores[0], rtol=1e-4, atol=1e-4)


def test_mask_prompt_beside_a_point(model: Sam2, oracle: Any, pixels: Tensor) -> None:
    mask = torch.randn((1, 1, 32, 32), generator=torch.Generator().manual_seed(6))
    ours = SamPrompts(points=POINTS[:1], labels=LABELS[:1], masks=mask)
    logits, _ = model.decode(model.encode_image(pixels), ours)
    theirs = oracle(
        pixel_values=pixels,
        input_points=POINTS[None, :1],
        input_labels=LABELS[None, :1],
        input_masks=mask,
        multimask_output=True,
    )
    torch.testing.assert_close(logits[:, 1:], theirs.pred_masks[0], rtol=1e-4, atol=1e-4)


def test_features(model: Sam2, oracle: Any, pixels: Tensor) -> None:
    s0, s1, image = oracle(pixel_values=pixels, input_boxes=BOXES[None]).image_embeddings
    features = model.encode_image(pixels)
    for name, expected in (("s0", s0), ("s1", s1), ("image", image)):
        torch.testing.assert_close(features[name], expected, rtol=1e-4, atol=1e-4)
