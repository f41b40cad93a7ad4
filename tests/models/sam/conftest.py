"""SAM at the size of the golden data, with the weights that these were made with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from biprompt.models.sam import DecoderConfig, Sam, SamConfig, VitConfig

GOLDEN = Path(__file__).parents[2] / "golden"
TINY = SamConfig(
    VitConfig(
        image_size=128, dim=64, depth=4, heads=4, mlp=256, window=3, global_blocks=(1, 3),
        out_dim=32,
    ),
    DecoderConfig(depth=2, heads=4, mlp=64, iou_hidden=24, mask_channels=8),
)  # fmt: skip

Read = Callable[[str], Tensor]
Record = Callable[[dict[str, nn.Module]], Any]


@pytest.fixture(scope="session")
def tiny() -> SamConfig:
    return TINY


@pytest.fixture(scope="session")
def weights() -> dict[str, Tensor]:
    """Of SAM within EVF-SAM, under SAM's own names."""
    state = load_file(GOLDEN / "evf_sam_tiny.safetensors")
    prefix = "visual_model."
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


@pytest.fixture(scope="session")
def sam(weights: dict[str, Tensor]) -> Sam:
    """Made without memory of its own and filled, as checkpoints are loaded; not to be changed."""
    with torch.device("meta"):
        model = Sam(TINY)
    model.load_state_dict(weights, strict=True, assign=True)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def golden() -> Read:
    return reader("evf_sam_tiny_golden.npz")


@pytest.fixture(scope="session")
def features(sam: Sam, golden: Read) -> dict[str, Tensor]:
    """Of the first image."""
    return sam.encode_image(golden("sam_input1")[None])


@pytest.fixture(scope="session")
def record() -> Record:
    """Keep what layers answer: ``with record({"name": layer}) as found: ...``."""
    return _record


def reader(name: str) -> Read:
    arrays = np.load(GOLDEN / name)
    return lambda key: torch.from_numpy(arrays[key])


@contextmanager
def _record(layers: dict[str, nn.Module]) -> Iterator[dict[str, Any]]:
    found: dict[str, Any] = {}

    def keeper(name: str) -> Callable[..., None]:
        return lambda _layer, _given, answer: found.__setitem__(name, answer)

    hooks = [layer.register_forward_hook(keeper(name)) for name, layer in layers.items()]
    yield found
    for hook in hooks:
        hook.remove()
