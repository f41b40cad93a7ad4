"""What the large models need and have here, for `biprompt doctor`: torch, devices, checkpoints."""

from __future__ import annotations

from typing import Any

from biprompt.cli import installed
from biprompt.errors import one_line

_MAX_CHARS = 200


def torch_facts() -> dict[str, Any]:
    """Return version, devices with the fastest first, and what went wrong; imports torch.

    Where torch is not installed nothing is imported: version and error are None.
    """
    version = installed.version_of("torch")
    if version is None:
        return {"version": None, "devices": [], "error": None}
    try:
        return {"version": version, "devices": _devices(), "error": None}
    except Exception as error:  # of a broken installation, any
        return {"version": version, "devices": [], "error": _said(error)}


def checkpoint_facts() -> dict[str, Any]:
    """Return the folder of checkpoints, and which published ones are here by name and path."""
    from biprompt.zoo.checkpoints import CHECKPOINTS
    from biprompt.zoo.folders import installed as place
    from biprompt.zoo.folders import models_folder

    found = {name: path for name, spec in CHECKPOINTS.items() if (path := place(spec))}
    here = {name: str(path) for name, path in found.items()}
    return {"folder": str(models_folder()), "known": len(CHECKPOINTS), "here": here}


def torch_text(facts: dict[str, Any]) -> str:
    """Lay out what `torch_facts` found in a line."""
    if facts["version"] is None:
        return f"absent; {installed.GIVES['torch']} need it"
    if facts["error"] is not None:
        return f"{facts['version']} does not load: {facts['error']}"
    return f"{facts['version']} on {', '.join(facts['devices'])}"


def checkpoint_text(facts: dict[str, Any]) -> str:
    """Lay out what `checkpoint_facts` found in a line."""
    names = ", ".join(facts["here"])
    return f"{facts['folder']}: {names or 'none'} (of {facts['known']} known by name)"


def _said(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}", _MAX_CHARS)


def _devices() -> list[str]:
    from biprompt.runtime.torch.place import available_devices

    return [_told(kind) for kind in available_devices()]


def _told(kind: str) -> str:
    if kind != "cuda":
        return kind
    import torch

    cards = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return "cuda (" + ", ".join(f"{c.name}, {c.total_memory / 1e9:.0f} GB" for c in cards) + ")"
