"""Prompts about one image each are answered as they are one by one, in every family."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from biprompt.errors import InputError
from biprompt.models.efficient_sam import EfficientSam, EfficientSamConfig
from biprompt.models.efficient_sam.config import DecoderConfig as EfficientDecoderConfig
from biprompt.models.sam import DecoderConfig, Sam, SamConfig, VitConfig
from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2 import HieraConfig, Sam2, Sam2Config

DECODER = DecoderConfig(depth=2, heads=4, mlp=64, iou_hidden=24, mask_channels=8)
MODELS = {
    "sam": lambda: Sam(SamConfig(VitConfig(64, 32, 1, 2, 64, 4, (0,), 32), DECODER)),
    "efficient": lambda: EfficientSam(
        EfficientSamConfig(64, 48, 1, 3, 14, 32, EfficientDecoderConfig(2, 4, 64, 24, (16, 8)), 6)
    ),
    "sam2": lambda: Sam2(
        Sam2Config(HieraConfig(64, 16, 1, (1, 2, 3, 2), (8, 4, 6, 2), (4,), 7), 32, DECODER)
    ),
}


@pytest.mark.parametrize("family", MODELS)
def test_one_image_for_each_prompt(family: str) -> None:
    torch.manual_seed(1)
    model = MODELS[family]().eval()
    _randomised(model)
    features = model.encode_image(torch.randn(3, 3, 64, 64))
    text = torch.randn(3, 1, 32)
    logits, iou = model.decode(features, SamPrompts(text=text))
    for row in range(3):
        alone = {name: level[row : row + 1] for name, level in features.items()}
        expected, expected_iou = model.decode(alone, SamPrompts(text=text[row : row + 1]))
        assert torch.allclose(logits[row], expected[0], atol=2e-5)
        assert torch.allclose(iou[row], expected_iou[0], atol=2e-5)
    assert not torch.allclose(logits[0], logits[1], atol=1e-2)
    with pytest.raises(InputError):
        model.decode(features, SamPrompts(text=text[:2]))


def _randomised(model: nn.Module) -> None:
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value) * 0.1)
