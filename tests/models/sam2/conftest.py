"""SAM 2 at the reduced size of the golden data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from biprompt.models.sam.config import DecoderConfig
from biprompt.models.sam2 import MEMORY_PREFIXES, HieraConfig, Sam2, Sam2Config

GOLDEN = Path(__file__).parents[2] / "golden"
PREFIX = "visual_model."


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Tensor]:
    """The golden array of a name, as a tensor."""
    arrays = np.load(GOLDEN / "evf_sam2_tiny_golden.npz")
    return lambda name: torch.from_numpy(arrays[name])


@pytest.fixture(scope="session")
def published() -> dict[str, Tensor]:
    """The state dict of all of SAM 2, memory included, under official names."""
    weights = load_file(GOLDEN / "evf_sam2_tiny.safetensors")
    return {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}


@pytest.fixture(scope="session")
def weights(published: dict[str, Tensor]) -> dict[str, Tensor]:
    """The part of the state dict that images need."""
    return {k: v for k, v in published.items() if not k.startswith(MEMORY_PREFIXES)}


@pytest.fixture(scope="session")
def config() -> Sam2Config:
    return Sam2Config(
        encoder=HieraConfig(
            image_size=128, dim=16, heads=1, stages=(1, 2, 3, 2), windows=(8, 4, 6, 2),
            global_blocks=(4,),
        ),
        dim=32,
        decoder=DecoderConfig(depth=2, heads=8, mlp=2048, iou_hidden=256, mask_channels=16),
    )  # fmt: skip


@pytest.fixture(scope="session")
def model(config: Sam2Config, weights: dict[str, Tensor]) -> Sam2:
    """Never to be changed."""
    model = Sam2(config)
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def features(model: Sam2, golden: Callable[[str], Tensor]) -> dict[str, Tensor]:
    """What the model sees in the first golden image."""
    return model.encode_image(golden("sam_input1")[None])
