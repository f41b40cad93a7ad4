"""MobileSAM's encoder against that of kornia (see tests/golden/README.md)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from biprompt.models.sam import TinyVitConfig
from biprompt.models.sam.tiny_vit import TinyVit, WindowAttention

Record = Callable[[dict[str, nn.Module]], Any]

GOLDEN = Path(__file__).parents[2] / "golden"
TINY = TinyVitConfig(
    image_size=80, dims=(8, 16, 24, 32), depths=(1, 1, 2, 1), heads=(1, 2, 3, 4),
    windows=(7, 3, 5, 2), out_dim=16,
)  # fmt: skip
CLASSIFIER = {"norm_head.weight", "norm_head.bias", "head.weight", "head.bias"}


@pytest.fixture(scope="module")
def state() -> dict[str, Tensor]:
    return load_file(GOLDEN / "tiny_vit_tiny.safetensors")


@pytest.fixture(scope="module")
def encoder(state: dict[str, Tensor]) -> TinyVit:
    with torch.device("meta"):
        model = TinyVit(TINY)
    used = {name: value for name, value in state.items() if name not in CLASSIFIER}
    model.load_state_dict(used, strict=True, assign=True)
    return model.eval().requires_grad_(False)


def tokens(x: Tensor) -> Tensor:
    """``(B, C, H, W)`` to ``(B, H * W, C)``."""
    return x.flatten(2).transpose(1, 2)


def test_every_stage_is_that_of_kornia(encoder: TinyVit, record: Record) -> None:
    golden = {k: torch.from_numpy(v) for k, v in np.load(GOLDEN / "tiny_vit_tiny.npz").items()}
    block = encoder.layers[1].blocks[0]
    layers = {f"layer{index}": layer for index, layer in enumerate(encoder.layers)}
    layers |= {"patch_embed": encoder.patch_embed, "image_embeddings": encoder}
    layers |= {"layer1_block0": block, "layer1_block0_attn": block.attn}
    with record(layers) as found:
        encoder(golden["input"])
    found["layer1_block0_attn"] = found["layer1_block0_attn"].flatten(1, 2)
    # Kornia flattens the map after each merge and before each windowed block.
    for name in ("layer0", "layer1", "layer2", "layer3", "layer1_block0"):
        found[name] = tokens(found[name])
    assert set(found) == set(golden) - {"input"}
    for name, value in found.items():
        torch.testing.assert_close(value, golden[name], rtol=1e-5, atol=1e-5)


def test_names_are_the_published_ones_less_the_classifier(
    encoder: TinyVit, state: dict[str, Tensor]
) -> None:
    assert set(encoder.state_dict()) == set(state) - CLASSIFIER


def test_nothing_is_left_without_memory(encoder: TinyVit) -> None:
    assert not any(buffer.is_meta for buffer in encoder.buffers())
    assert not any(parameter.is_meta for parameter in encoder.parameters())


def test_bias_depends_on_the_distance_of_rows_and_columns() -> None:
    layer = WindowAttention(4, 1, 3)
    layer.attention_biases.data = torch.arange(9.0)[None]
    bias = layer._bias()[0, 0].view(3, 3, 3, 3)
    for (y, x), (v, u) in [((0, 0), (0, 0)), ((0, 2), (1, 0)), ((2, 1), (0, 0)), ((1, 1), (2, 2))]:
        assert bias[y, x, v, u] == 3 * abs(y - v) + abs(x - u)


def test_gradients_reach_every_weight() -> None:
    encoder = TinyVit(TINY)
    encoder(torch.randn(2, 3, 80, 80)).square().sum().backward()
    missing = [name for name, p in encoder.named_parameters() if p.grad is None]
    assert missing == []
