"""Files of `torch.save`, read without ever running what they hold."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from biprompt.errors import ModelError, WeightsError
from biprompt.zoo.weights.facts import ITEM_BYTES, TensorFacts

ARCHIVE = b"PK\x03\x04"
_NESTED = ("model", "state_dict", "module", "model_state_dict")
"""Where a training run's checkpoint holds the weights."""
_CODE = re.compile(r"GLOBAL ([\w.]+)")
_EXPECTED = "tensors by name, as torch.save writes a state dict"


@dataclass(frozen=True, slots=True, eq=False)
class PickledFile:
    """An open file of `torch.save`.

    Attributes:
        path: where it is.
        facts: its tensors by name.
        metadata: nothing; this format has no place for it.
    """

    path: Path
    facts: Mapping[str, TensorFacts]
    _tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def read(self, name: str) -> Tensor:
        """One tensor; its numbers are private pages of the file, unless it is of before 2020."""
        return self._tensors[name]


def open_pickled(path: Path) -> PickledFile:
    """Open a file of `torch.save`, or a training run's checkpoint that holds one.

    Raises:
        WeightsError: it is damaged, is no state dict, or would run code (it is not run).
        ModelError: a file of the old kind, which cannot be mapped, does not fit in memory.
        OSError: it cannot be read.
    """
    tensors = _state_dict(_loaded(path), path)
    facts = {name: _facts(name, tensor, path) for name, tensor in tensors.items()}
    return PickledFile(path, facts, tensors)


def _loaded(path: Path) -> Any:
    with path.open("rb") as file:
        mappable = file.read(len(ARCHIVE)) == ARCHIVE
    try:
        with warnings.catch_warnings(action="ignore"):  # advice to those who write such files
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mappable)
    except pickle.UnpicklingError as error:
        raise _wrong(path, _refusal(str(error))) from error
    except MemoryError as error:
        raise ModelError(f"{path}: out of memory while reading it") from error
    except OSError:
        raise
    except Exception as error:  # there is no end to how a damaged pickle fails
        raise _wrong(path, _fault(str(error))) from error


def _refusal(message: str) -> str:
    """What torch refused to unpickle, out of a page of advice on how to allow it."""
    found = _CODE.search(message)
    return f"a pickle that would run code ({found[1]})" if found else "a damaged or unsafe pickle"


def _fault(message: str) -> str:
    if "TorchScript" in message:
        return "a TorchScript program"
    return f"a damaged or truncated file ({message.splitlines()[0] if message else 'empty'})"


def _state_dict(loaded: Any, path: Path) -> dict[str, Tensor]:
    for key in _NESTED:
        if isinstance(loaded, Mapping) and isinstance(loaded.get(key), Mapping):
            loaded = loaded[key]
            break
    if not isinstance(loaded, Mapping):
        raise _wrong(path, f"a {type(loaded).__name__}")
    for name, value in loaded.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise _wrong(path, f"{type(value).__name__} at {name!r}")
    return dict(loaded)


def _facts(name: str, tensor: Tensor, path: Path) -> TensorFacts:
    dtype = str(tensor.dtype).removeprefix("torch.")
    if dtype not in ITEM_BYTES or tensor.layout is not torch.strided:
        raise _wrong(path, f"{name} of {dtype}, {tensor.layout}")
    return TensorFacts(tuple(tensor.shape), dtype)


def _wrong(path: Path, actual: str) -> WeightsError:
    return WeightsError("checkpoint", expected=_EXPECTED, actual=actual, path=path)
