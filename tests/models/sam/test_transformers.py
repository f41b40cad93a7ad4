"""A second opinion: the SAM of transformers with the same weights, where it is installed."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import Tensor

from biprompt.models.sam import Sam, SamConfig, SamPrompts

# Names of the published weights, and what transformers calls them.
_RENAMED = (
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
_GAUSSIAN = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"


def renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for name, value in weights.items():
        for pattern, name_there in _RENAMED:
            name = re.sub(pattern, name_there, name)
        found[name] = value
    gaussian = found.pop(_GAUSSIAN)
    for owner in ("shared_image_embedding", "prompt_encoder.shared_embedding"):
        found[f"{owner}.positional_embedding"] = gaussian
    return found


@pytest.fixture(scope="module")
def theirs(tiny: SamConfig, weights: dict[str, Tensor]) -> Any:
    transformers = pytest.importorskip(
        "transformers", reason="transformers is not installed, so there is no second opinion"
    )
    vit, decoder = tiny.encoder, tiny.decoder
    config = transformers.SamConfig(
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
    model = transformers.SamModel(config)
    model.load_state_dict(renamed(weights), strict=True)
    return model.eval().requires_grad_(False)


def close(found: Tensor, expected: Tensor, tolerance: float = 2e-4) -> None:
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


def test_embeddings_agree(sam: Sam, theirs: Any) -> None:
    images = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    found = sam.encode_image(images)["image"]
    close(found, theirs.get_image_embeddings(images), 2e-5)


POINTS = torch.tensor([[[20.0, 30.5], [100.0, 90.0]], [[64.0, 12.0], [3.0, 127.0]]])
LABELS = torch.tensor([[1, 0], [1, 1]])
BOXES = torch.tensor([[10.0, 12.0, 100.0, 80.0], [0.0, 30.0, 50.0, 128.0]])
# One map for all prompts: what transformers can read.
MASK = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("kinds", ["points", "boxes", "points boxes", "points boxes masks"])
def test_answers_to_two_prompts_agree(
    sam: Sam, features: dict[str, Tensor], theirs: Any, kinds: str
) -> None:
    ours, given = {}, {}
    if "points" in kinds:
        ours |= {"points": POINTS, "labels": LABELS}
        given |= {"input_points": POINTS[None], "input_labels": LABELS[None]}
    if "boxes" in kinds:
        ours |= {"boxes": BOXES}
        given |= {"input_boxes": BOXES[None]}
    if "masks" in kinds:
        ours |= {"masks": MASK.expand(2, -1, -1, -1)}
        given |= {"input_masks": MASK}
    logits, iou = sam.decode(features, SamPrompts(**ours))
    for multimask, masks in ((True, slice(1, 4)), (False, slice(0, 1))):
        answer = theirs(image_embeddings=features["image"], multimask_output=multimask, **given)
        close(logits[:, masks], answer.pred_masks[0])
        close(iou[:, masks], answer.iou_scores[0], 2e-5)


def test_answers_to_text_agree(sam: Sam, features: dict[str, Tensor], theirs: Any) -> None:
    text = torch.randn(3, 1, 32, generator=torch.Generator().manual_seed(4))
    logits, iou = sam.decode(features, SamPrompts(text=text))
    _, dense = theirs.prompt_encoder(None, None, None, None)
    masks, scores = theirs.mask_decoder(
        image_embeddings=features["image"],
        image_positional_embeddings=theirs.get_image_wide_positional_embeddings(),
        sparse_prompt_embeddings=text[None],
        dense_prompt_embeddings=dense,
        multimask_output=True,
    )
    close(logits[:, 1:], masks[0])
    close(iou[:, 1:], scores[0], 2e-5)
