"""The same numbers as the official code (tests/golden), from the first block to the logits.

The decoder is compared from the official embedding on, as these random weights make ten times as
much of a rounding error in it. Batch `B` is compared in the tests of EVF-SAM, as it starts from
phrases.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.efficient_sam import EfficientSam
from biprompt.models.sam.values import SamPrompts

Golden = Callable[[str], Tensor]


def same(actual: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def observed(module: nn.Module, call: Callable[[], object]) -> Tensor | tuple[Tensor, ...]:
    """What `module` returns while `call` runs."""
    seen: list[Tensor | tuple[Tensor, ...]] = []
    hook = module.register_forward_hook(lambda *args: seen.append(args[-1]))
    call()
    hook.remove()
    return seen[0]


def text(golden: Golden, case: str) -> SamPrompts:
    return SamPrompts(text=golden(f"{case}/prompt_feat"))


@pytest.mark.parametrize("case", ["A", "D"])
def test_image_encoder(model: EfficientSam, golden: Golden, case: str) -> None:
    pixels = golden("sam_input1")[None]
    block = observed(model.image_encoder.blocks[0], lambda: model.encode_image(pixels))
    assert isinstance(block, Tensor)
    same(block, golden(f"{case}/sam_block0"), 5e-5)
    same(model.encode_image(pixels)["image"], golden(f"{case}/image_embeddings"), 5e-5)
    same(model.prompt_encoder.grid(), golden("image_pe"), 5e-5)


@pytest.fixture(scope="module")
def official(golden: Golden) -> dict[str, Tensor]:
    return {"image": golden("A/image_embeddings")}


@pytest.mark.parametrize("case", ["A", "D"])
def test_inside_of_the_decoder(
    model: EfficientSam, official: dict[str, Tensor], golden: Golden, case: str
) -> None:
    prompt = text(golden, case)
    transformer = model.mask_decoder.transformer
    tokens, cells = observed(transformer, lambda: model.decode(official, prompt))
    same(tokens, golden(f"{case}/decoder_hs"))
    same(cells, golden(f"{case}/decoder_src"))
    same(model.decode(official, prompt)[1], golden(f"{case}/iou_all4"))


@pytest.mark.parametrize(("case", "masks"), [("A", slice(0, 1)), ("D", slice(1, 4))])
def test_masks_of_a_phrase(
    model: EfficientSam, official: dict[str, Tensor], golden: Golden, case: str, masks: slice
) -> None:
    logits, iou = model.decode(official, text(golden, case))
    same(logits[:, masks], golden(f"{case}/low_res_masks"))
    same(iou[:, masks], golden(f"{case}/iou"))
    best = logits[0, masks][iou[0, masks].argmax()]
    full = F.interpolate(best[None, None], (90, 120), mode="bilinear", align_corners=False)[0]
    same(full, golden(f"{case}/pred_mask_logits"))


def click(golden: Golden) -> SamPrompts:
    points = golden("P/points_resized_frame").float()[None]
    return SamPrompts(points=points, labels=torch.ones(1, 1).int())


def test_point(model: EfficientSam, official: dict[str, Tensor], golden: Golden) -> None:
    logits, iou = model.decode(official, click(golden))
    same(logits[None, :, 1:], golden("P/multi_low_res"))
    same(iou[None, :, 1:], golden("P/multi_iou"))


def test_from_pixels_to_masks(
    model: EfficientSam, features: dict[str, Tensor], golden: Golden
) -> None:
    same(model.decode(features, text(golden, "D"))[0][:, 1:], golden("D/low_res_masks"), 5e-4)
    same(model.decode(features, click(golden))[0][None, :, 1:], golden("P/multi_low_res"), 5e-4)
