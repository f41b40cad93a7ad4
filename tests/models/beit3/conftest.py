"""BEiT-3 at the reduced size of the golden data, whose weights are random numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from biprompt.models.beit3 import Beit3, Beit3Config

GOLDEN = Path(__file__).parents[2] / "golden"
PREFIX = "mm_extractor.beit3."
Array = Callable[[str], Tensor]


@pytest.fixture(scope="session")
def config() -> Beit3Config:
    return Beit3Config(64, 16, vocab_size=320, dim=48, heads=4, ffn_dim=192, layers=3)


@pytest.fixture(scope="session", params=["evf_sam", "evf_effisam", "evf_sam2"])
def family(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def array(family: str) -> Array:
    """The golden array of a name, as a tensor."""
    arrays = np.load(GOLDEN / f"{family}_tiny_golden.npz")
    return lambda name: torch.from_numpy(arrays[name])


@pytest.fixture(scope="session")
def published(family: str, config: Beit3Config) -> Beit3:
    """BEiT-3 of a golden checkpoint, loaded under the official names."""
    weights = load_file(GOLDEN / f"{family}_tiny.safetensors")
    beit3 = Beit3(config)
    beit3.load_state_dict(
        {k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)}
    )
    return beit3.eval().requires_grad_(False)


@pytest.fixture(scope="session")
def beit3(config: Beit3Config) -> Beit3:
    """BEiT-3 with weights of its own; large, so that every token matters to every other."""
    torch.manual_seed(5)
    model = Beit3(config).eval().requires_grad_(False)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.fixture
def pixels() -> Tensor:
    return torch.rand((2, 3, 64, 64), generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.fixture
def ids() -> Tensor:
    return torch.tensor([[0, 17, 45, 101, 2], [0, 250, 7, 8, 2]])
