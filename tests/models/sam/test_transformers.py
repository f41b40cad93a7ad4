"""A second opinion: the SAM of transformers with the same weights, where it is installed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from benchmarks.parity.oracle import their_sam
from torch import Tensor

from biprompt.models.sam import Sam, SamConfig, SamPrompts


@pytest.fixture(scope="module")
def theirs(tiny: SamConfig, weights: dict[str, Tensor]) -> Any:
    pytest.importorskip(
        "transformers", reason="transformers is not installed, so there is no second opinion"
    )
    return their_sam(tiny, weights)


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
