"""EfficientSAM at the reduced size of the golden data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from biprompt.models.efficient_sam import DecoderConfig, EfficientSam, EfficientSamConfig

GOLDEN = Path(__file__).parents[2] / "golden"
PREFIX = "visual_model."


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Tensor]:
    """The golden array of a name, as a tensor."""
    arrays = np.load(GOLDEN / "evf_effisam_tiny_golden.npz")
    return lambda name: torch.from_numpy(arrays[name])


@pytest.fixture(scope="session")
def weights() -> dict[str, Tensor]:
    """The state dict under official names."""
    weights = load_file(GOLDEN / "evf_effisam_tiny.safetensors")
    return {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}


@pytest.fixture(scope="session")
def config() -> EfficientSamConfig:
    return EfficientSamConfig(
        image_size=128, encoder_dim=48, encoder_depth=3, encoder_heads=3, dim=32,
        decoder=DecoderConfig(depth=2, heads=4, mlp=64, iou_hidden=24, upscaling=(16, 8)),
    )  # fmt: skip


@pytest.fixture(scope="session")
def model(config: EfficientSamConfig, weights: dict[str, Tensor]) -> EfficientSam:
    """Never to be changed."""
    model = EfficientSam(config)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def features(model: EfficientSam, golden: Callable[[str], Tensor]) -> dict[str, Tensor]:
    """What the model sees in the first golden image."""
    return model.encode_image(golden("sam_input1")[None])
