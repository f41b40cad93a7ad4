"""Trace graphs, compare each with the network on inputs of other sizes, and write them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
import torch

from biprompt.errors import ModelError, OutputError
from biprompt.io.files import atomic_write
from biprompt.models.evf import EvfSam
from biprompt.zoo.build import LoadedCheckpoint, load_checkpoint
from biprompt.zoo.export.graphs import KINDS, Graph, graphs
from biprompt.zoo.export.tracing import OPSET, traced
from biprompt.zoo.families import Family
from biprompt.zoo.folders import TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Sequence

MANIFEST = "graphs.json"
TOLERANCE = 1e-3
"""Largest difference from the network, as a share of the largest value of an output."""
_MUCH = 1_500_000_000
"""Bytes of weights above which a graph keeps them in a file beside it: ONNX ends at 2 GB."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        folder: where.
        differences: largest difference of each graph from the network, as a share of the largest
            value of its outputs.
        nbytes: of all files.
    """

    folder: Path
    differences: dict[str, float]
    nbytes: int


def export(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    force: bool = False,
    told: Callable[[str], None] = lambda name: None,
) -> Exported:
    """Write a checkpoint as ONNX graphs, each checked against the network.

    Args:
        path: a file or folder of weights.
        out: folder for the graphs and `MANIFEST`; it is made.
        force: replace what is there.
        told: is told the name of each graph before it is traced.

    Raises:
        WeightsError: as `load_checkpoint`.
        OutputError: the folder holds something, or cannot be written.
        ModelError: a graph differs from the network by more than `TOLERANCE`; nothing of it stays.
    """
    folder = _free(Path(out), force=force)
    loaded = load_checkpoint(path, dtype=torch.float32)
    differences: dict[str, float] = {}
    described: dict[str, Any] = {}
    for graph in graphs(loaded.model, kinds_of(loaded)):  # type: ignore[arg-type]  # a Promptable
        told(graph.name)
        differences[graph.name] = _written(graph, folder)
        described[graph.name] = _described(graph)
    facts = _facts(loaded) | {"graphs": described, "differences": differences}
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    atomic_write(folder / MANIFEST, text.encode(), force=True)
    if loaded.tokenizer is not None:
        atomic_write(folder / TOKENIZER, loaded.tokenizer.read_bytes(), force=True)
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    return Exported(folder, differences, size)


def kinds_of(loaded: LoadedCheckpoint) -> Sequence[str]:
    """The kinds of prompt whose graphs are written: EVF-SAM's decoder was tuned for words alone.

    EVF-SAM2 left SAM 2 as it is, so that it is pointed with as well.
    """
    takes = loaded.family.visual.prompts
    spatial = [k for k in KINDS if k != "text" and ("mask" in takes or "mask" not in k)]
    if not isinstance(loaded.model, EvfSam):
        return spatial
    return ["text", *spatial] if loaded.family is Family.EVF_SAM2 else ["text"]


def _free(folder: Path, *, force: bool) -> Path:
    if (folder / MANIFEST).exists() and not force:
        expected = "another folder, or --force"
        raise OutputError("output folder", expected=expected, actual=MANIFEST, path=folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        actual = error.strerror
        raise OutputError("output folder", expected="one", actual=actual, path=folder) from error
    return folder


@torch.no_grad()
def _written(graph: Graph, folder: Path) -> float:
    """Trace, check and move a graph into its folder; return how much it differs."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / f"{graph.name}.onnx"
        _saved(graph, path)
        difference = _difference(path, graph)
        if not difference <= TOLERANCE:
            raise ModelError(f"{path.name} differs from the network by {difference:.3g}")
        for file in (path, path.with_name(_beside(graph))):
            if file.exists():
                os.replace(file, folder / file.name)
    return difference


def _saved(graph: Graph, path: Path) -> None:
    """Write the graph; its weights in a file beside it where they are many."""
    model = traced(graph.module, graph.inputs, graph.outputs, graph.axes)
    large = sum(len(one.raw_data) for one in model.graph.initializer) > _MUCH
    beside = _beside(graph) if large else None
    onnx.save_model(model, path, save_as_external_data=large, location=beside)


def _beside(graph: Graph) -> str:
    return f"{graph.name}.onnx.data"


def _difference(path: Path, graph: Graph) -> float:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    used = {one.name for one in session.get_inputs()}
    feed = {name: value.numpy() for name, value in graph.check.items() if name in used}
    found = session.run(None, feed)
    wanted = graph.module(*graph.check.values())
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    return max(_apart(a, b.numpy()) for a, b in zip(found, wanted, strict=True))


def _apart(a: Any, b: Any) -> float:
    if a.shape != b.shape:
        return float("inf")
    return float(np.abs(a - b).max() / max(1.0, float(np.abs(b).max())))


def _described(graph: Graph) -> dict[str, Any]:
    inputs = {name: _form(graph, name, value) for name, value in graph.inputs.items()}
    return {"inputs": inputs, "outputs": list(graph.outputs)}


def _form(graph: Graph, name: str, value: torch.Tensor) -> dict[str, Any]:
    free = graph.axes.get(name, {})
    shape = [free.get(axis, size) for axis, size in enumerate(value.shape)]
    return {"shape": shape, "dtype": str(value.dtype).removeprefix("torch.")}


def _facts(loaded: LoadedCheckpoint) -> dict[str, Any]:
    preset = loaded.preset
    return {
        "family": loaded.family.value,
        "version": loaded.version,
        "image_size": loaded.recognised.visual.image_size,
        "resize": str(preset.resize),
        "pixels": str(preset.pixels),
        "opset": OPSET,
    }
