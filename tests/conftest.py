"""What tests of several folders share."""

from __future__ import annotations

import signal
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from biprompt.models.compact import CompactModel

# Begun in the background, a shell's command ignores Ctrl-C, and so would every process that a test
# starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

KNOWN_WORDS = ["bird", "car", "cat", "cup", "dog", "person"]
LONG_SIDE = 96


@pytest.fixture(scope="session")
def tiny_model() -> CompactModel:
    """The embedded model, smaller and with random weights: good for plumbing, never for accuracy.

    Its masks and presence are pushed from where training starts, so that answers are not all empty.
    """
    import torch

    from biprompt.models.compact import CompactConfig, CompactModel

    torch.manual_seed(0)
    config = CompactConfig(
        width4=8, width8=16, width16=24, decoder8=12, decoder16=16, heads=2, key_dim=4,
        text_dim=24, text_layers=1, text_heads=2,
    )  # fmt: skip
    model = CompactModel(config).eval().requires_grad_(False)
    torch.nn.init.normal_(model.semantics.names)
    torch.nn.init.normal_(model.decoder.masks.weight, std=1.0)
    torch.nn.init.zeros_(model.decoder.masks.bias)
    torch.nn.init.constant_(model.text.presence[-1].bias, 2.0)
    return model


@pytest.fixture(scope="session")
def tiny_model_folder(tiny_model: CompactModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tiny_model` as `biprompt train` exports it; never to be written to."""
    from biprompt.training.compact.export import export_onnx

    folder = tmp_path_factory.mktemp("tiny-model")
    facts = {"name": "tiny", "long_side": LONG_SIDE, "known_words": KNOWN_WORDS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about its own exporter
        export_onnx(tiny_model, folder, facts)
    return folder
