"""The same numbers as the official code (tests/golden), from the first stage to the logits.

The decoder is compared from the official features on, as these random weights make ten times as
much of a rounding error in them. Batch `B` is compared in the tests of EVF-SAM, as it starts from
phrases.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2 import Sam2

Golden = Callable[[str], Tensor]


def same(actual: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def text(golden: Golden, case: str) -> SamPrompts:
    return SamPrompts(text=golden(f"{case}/prompt_feat"))


def click(golden: Golden) -> SamPrompts:
    return SamPrompts(points=golden("P/points_resized_frame"), labels=golden("P/labels"))


@pytest.mark.parametrize("case", ["A", "S"])
def test_every_level_of_trunk_and_neck(model: Sam2, golden: Golden, case: str) -> None:
    levels = model.image_encoder.trunk(golden("sam_input1")[None])
    for index, level in enumerate(levels):
        same(level, golden(f"{case}/trunk{index}"), 5e-5)
    names = ("fpn0_before_conv_s0", "fpn1_before_conv_s1", "fpn2")
    for name, level in zip(names, model.image_encoder.neck(levels), strict=True):
        same(level, golden(f"{case}/{name}"), 5e-5)


@pytest.fixture(scope="module")
def official(golden: Golden) -> dict[str, Tensor]:
    names = {"image": "image_embed_with_no_mem", "s0": "high_res_s0", "s1": "high_res_s1"}
    return {ours: golden(f"A/{theirs}") for ours, theirs in names.items()}


def test_features(features: dict[str, Tensor], official: dict[str, Tensor], golden: Golden) -> None:
    for name, expected in official.items():
        same(features[name], expected, 5e-5)
    same(features["s0"], golden("S/high_res_s0"), 5e-5)
    same(features["s1"], golden("S/high_res_s1"), 5e-5)


@pytest.mark.parametrize("case", ["A", "S"])
def test_text_alone_is_exactly_its_token(model: Sam2, golden: Golden, case: str) -> None:
    sparse, dense = model.sam_prompt_encoder(text(golden, case))
    same(sparse, golden(f"{case}/sparse"), 0)
    same(dense, golden(f"{case}/dense"), 0)
    same(model.sam_prompt_encoder.grid(), golden("image_pe"), 5e-5)


@pytest.mark.parametrize("case", ["A", "S"])
def test_inside_of_the_decoder(
    model: Sam2, official: dict[str, Tensor], golden: Golden, case: str
) -> None:
    seen: list[Tensor] = []
    hook = model.sam_mask_decoder.transformer.register_forward_hook(
        lambda *call: seen.append(call[-1][0])
    )
    sparse, dense = model.sam_prompt_encoder(text(golden, case))
    grid = model.sam_prompt_encoder.grid()
    decoded = model.sam_mask_decoder(official, grid, sparse, dense)
    hook.remove()
    same(seen[0], golden(f"{case}/decoder_hs"))
    same(decoded.iou, golden(f"{case}/iou_all4"))
    same(decoded.object_score, golden(f"{case}/object_score_logits"), 5e-5)


def test_three_readings_of_a_phrase(
    model: Sam2, official: dict[str, Tensor], golden: Golden
) -> None:
    logits, iou = model.decode(official, text(golden, "A"))
    same(logits[:, 1:], golden("A/low_res_masks"))
    same(iou[:, 1:], golden("A/iou"))
    best = logits[:, 1 + int(iou[0, 1:].argmax())]
    full = F.interpolate(best[None], (90, 120), mode="bilinear", align_corners=False)[0]
    same(full, golden("A/pred_mask_logits"))


def test_single_mask_of_a_phrase_where_stability_chooses_another(
    model: Sam2, official: dict[str, Tensor], golden: Golden
) -> None:
    logits, iou = model.decode(official, text(golden, "S"))
    same(logits[:, :1], golden("S/low_res_masks"))
    same(iou[:, :1], golden("S/iou"))
    assert not torch.equal(golden("S/iou")[:, 0], golden("S/iou_all4")[:, 0]), "a case that tells"
    full = F.interpolate(logits[:, :1], (90, 120), mode="bilinear", align_corners=False)[:, 0]
    same(full, golden("S/pred_mask_logits"))


def test_point(model: Sam2, official: dict[str, Tensor], golden: Golden) -> None:
    same(model.sam_prompt_encoder(click(golden))[0], golden("P/sparse"), 5e-5)
    logits, iou = model.decode(official, click(golden))
    same(logits[:, 1:], golden("P/multi_low_res"))
    same(iou[:, 1:], golden("P/multi_iou"))
    full = F.interpolate(logits[:, 1:], (90, 120), mode="bilinear", align_corners=False)
    same(full, golden("P/multi_logits"))


def test_from_pixels_to_masks(model: Sam2, features: dict[str, Tensor], golden: Golden) -> None:
    same(model.decode(features, text(golden, "A"))[0][:, 1:], golden("A/low_res_masks"), 5e-4)
    same(model.decode(features, click(golden))[0][:, 1:], golden("P/multi_low_res"), 5e-4)
