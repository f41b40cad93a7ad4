"""Checkpoints: written whole or not at all, read without running code."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, cast

import torch
from torch import nn

from biprompt.errors import WeightsError
from biprompt.io.files import atomic_file

_SHOWN = 4


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes tensors and plain values; a kill at any moment leaves the old or the new file.

    Raises:
        OutputError: the file cannot be written; the old one is still there.
    """
    with atomic_file(path, force=True) as file:
        noting = _Noting(file)
        try:
            torch.save(state, cast(BinaryIO, noting))
        except RuntimeError as error:  # torch's own writer hides why it could not go on
            raise noting.error or error from error


class _Noting:
    """A file that remembers why it could not be written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads what :func:`save_checkpoint` wrote; tensors are pages of the file, read when used.

    Raises:
        WeightsError: there is no such file, or it is not a checkpoint.
    """
    if not path.is_file():
        raise WeightsError("checkpoint", expected="a file", actual="nothing there", path=path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # torch raises a different type for every kind of damage
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise WeightsError(
            "checkpoint", expected="a whole one", actual=reason, path=path
        ) from error
    if not isinstance(state, dict) or "model" not in state:
        raise WeightsError("checkpoint", expected="a model in it", actual="none", path=path)
    return state


def load_weights(module: nn.Module, state: dict[str, Any], key: str, path: Path) -> None:
    """Puts one set of weights of a checkpoint into a module.

    Args:
        module: takes them.
        state: the checkpoint.
        key: which of its entries ("model" or "average").
        path: where it came from, for the message.

    Raises:
        WeightsError: the entry is missing, or a tensor is missing, unexpected or of another shape.
    """
    given, wanted = state.get(key), module.state_dict()
    if not isinstance(given, dict):
        raise WeightsError("checkpoint", expected=f"{key} in it", actual="none", path=path)
    wrong = [f"no {name}" for name in wanted if name not in given]
    wrong += [f"unexpected {name}" for name in given if name not in wanted]
    wrong += [
        f"{name} {tuple(given[name].shape)}"
        for name, value in wanted.items()
        if name in given and given[name].shape != value.shape
    ]
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        actual = ", ".join(wrong[:_SHOWN]) + more
        raise WeightsError("checkpoint", expected="this model's tensors", actual=actual, path=path)
    module.load_state_dict(given)


def take_matching(module: nn.Module, state: dict[str, Any], key: str, path: Path) -> int:
    """Puts those tensors of a checkpoint into a module that fit, and says how many there were.

    For a model that has changed since: what is new stays as it is. Arguments as `load_weights`.

    Raises:
        WeightsError: the entry is missing, or no tensor fits.
    """
    given, own = state.get(key), module.state_dict()
    given = given if isinstance(given, dict) else {}
    fits = {
        name: value
        for name, value in given.items()
        if name in own and own[name].shape == value.shape
    }
    if not fits:
        raise WeightsError("checkpoint", expected=f"{key} of this model", actual="none", path=path)
    module.load_state_dict({**own, **fits})
    return len(fits)
