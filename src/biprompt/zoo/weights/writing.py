"""Writing a safetensors file one tensor at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from biprompt.errors import OutputError
from biprompt.io.files import atomic_file
from biprompt.zoo.weights.facts import TensorFacts
from biprompt.zoo.weights.mapped import DTYPES, LENGTH_BYTES, METADATA

if TYPE_CHECKING:
    from torch import Tensor

_CODES = {name: code for code, name in DTYPES.items()}
_ALIGNMENT = 64
"""Numbers start at a multiple of this, so that a mapping of them is aligned for any instruction."""


def write_safetensors(
    path: str | os.PathLike[str],
    facts: Mapping[str, TensorFacts],
    read: Callable[[str], Tensor],
    metadata: Mapping[str, str],
    *,
    force: bool = False,
) -> None:
    """Write tensors to a safetensors file, completely or not at all.

    Args:
        path: the file.
        facts: the tensors that it will hold, in this order.
        read: returns one of them, on the CPU, as its facts say; called once each, so that only
            one tensor is in memory at a time.
        metadata: what the file says about itself.
        force: replace an existing file.

    Raises:
        OutputError: the file exists or cannot be written, or a tensor is not as its facts say.
    """
    with atomic_file(path, force=force) as file:
        file.write(_header(facts, metadata))
        for name, fact in facts.items():
            file.write(_bytes_of(name, read(name), fact))


def _header(facts: Mapping[str, TensorFacts], metadata: Mapping[str, str]) -> bytes:
    entries: dict[str, object] = {METADATA: dict(metadata)} if metadata else {}
    at = 0
    for name, fact in facts.items():
        stop = at + fact.nbytes
        code = _CODES[fact.dtype]
        entries[name] = {"dtype": code, "shape": fact.shape, "data_offsets": (at, stop)}
        at = stop
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-(LENGTH_BYTES + len(text)) % _ALIGNMENT)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text


def _bytes_of(name: str, tensor: Tensor, fact: TensorFacts) -> memoryview:
    import torch

    actual = TensorFacts(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
    if actual != fact:
        raise OutputError(f"tensor {name}", expected=fact, actual=actual)
    flat = tensor.detach().contiguous().view(-1).view(torch.uint8)
    return flat.numpy().data
