"""The same numbers as an independent implementation, that of the transformers library."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from benchmarks.parity.oracle import their_sam2
from torch import Tensor

from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2 import Sam2, Sam2Config

# The names of its weights change between releases.
pytest.importorskip("transformers", minversion="5.23")


@pytest.fixture(scope="module")
def oracle(config: Sam2Config, weights: dict[str, Tensor]) -> Any:
    return their_sam2(config, weights)


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
