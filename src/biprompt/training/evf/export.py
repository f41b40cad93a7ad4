"""The trained network as a checkpoint that `biprompt segment --model DIR` takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from biprompt.io.files import atomic_write
from biprompt.training.evf.sizes import Sizes
from biprompt.zoo.convert import SUFFIX
from biprompt.zoo.folders import TOKENIZER
from biprompt.zoo.recognise import KEY, must_stay_exact
from biprompt.zoo.weights import TensorFacts, write_safetensors

WEIGHTS = f"model{SUFFIX}"


def write_model(
    folder: Path, sizes: Sizes, state: Mapping[str, Tensor], tokenizer: Path | None, dtype: str
) -> None:
    """Write weights under the official names, and the tokenizer beside them.

    A kill at any moment leaves the old or the new weights.

    Args:
        folder: it is made.
        sizes: family, sizes and preset, which the file states.
        state: the network's tensors by their official names.
        tokenizer: sentencepiece model; None for a network with CLIP, which only training reads.
        dtype: type of floating-point weights.

    Raises:
        OutputError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if tokenizer is not None:
        _copy(tokenizer, folder / TOKENIZER)
    kinds = {name: _kind(name, value, dtype) for name, value in state.items()}
    facts = {name: TensorFacts(tuple(state[name].shape), kinds[name]) for name in state}
    write_safetensors(
        folder / WEIGHTS,
        facts,
        lambda name: state[name].to("cpu", getattr(torch, kinds[name])),
        {KEY: json.dumps(sizes.recognised.plain() | {"preset": asdict(sizes.preset)})},
        force=True,
    )


def _copy(tokenizer: Path, beside: Path) -> None:
    content = tokenizer.read_bytes()
    if not beside.is_file() or beside.read_bytes() != content:
        atomic_write(beside, content, force=True)


def _kind(name: str, value: Tensor, dtype: str) -> str:
    own = str(value.dtype).removeprefix("torch.")
    return own if not value.is_floating_point() or must_stay_exact(name) else dtype
