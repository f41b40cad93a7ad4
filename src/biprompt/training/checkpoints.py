"""Checkpoints: written whole or not at all, read without running code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from biprompt.errors import WeightsError
from biprompt.io.files import atomic_write


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes tensors and plain values; a kill at any moment leaves the old or the new file."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, buffer.getvalue(), force=True)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads what :func:`save_checkpoint` wrote.

    Raises:
        WeightsError: there is no such file, or it is not a checkpoint.
    """
    if not path.is_file():
        raise WeightsError("checkpoint", expected="a file", actual="nothing there", path=path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a different type for every kind of damage
        reason = str(error).splitlines()[0]
        raise WeightsError(
            "checkpoint", expected="a whole one", actual=reason, path=path
        ) from error
    if not isinstance(state, dict) or "model" not in state:
        raise WeightsError("checkpoint", expected="a model in it", actual="none", path=path)
    return state
