"""The trained model as ONNX: three graphs with small weights, checked against PyTorch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from biprompt.errors import ModelError
from biprompt.io.files import atomic_write
from biprompt.models.compact import CompactModel
from biprompt.training.compact.calibrate import Calibration
from biprompt.training.compact.graphs import AXES, CHECKED, Graph, graphs
from biprompt.training.compact.shrink import shrink_weights
from biprompt.zoo.export.tracing import traced

TOLERANCE = 0.08
"""Largest difference of a logit that storing smaller weights may cause."""
MANIFEST = "model.json"


@torch.no_grad()
def export_onnx(
    model: CompactModel,
    out: Path,
    facts: Mapping[str, Any],
    calibration: Calibration | None = None,
) -> dict[str, float]:
    """Writes ``encoder.onnx``, ``text.onnx``, ``decoder.onnx`` and ``model.json`` into a folder.

    Nothing is written before every graph has passed its check.

    Args:
        model: trained, float32, on the CPU.
        out: existing folder; files of the same names are replaced.
        facts: what ``model.json`` says besides: ``name``, ``long_side``, ``known_words`` and
            whatever a reader should know of the training.
        calibration: where to cut masks of words alone, and how sure presence is; nothing is
            changed when left out.

    Returns:
        largest difference of each graph's outputs from PyTorch's on random inputs of other sizes
        than those that were traced.

    Raises:
        ModelError: a graph differs by more than :data:`TOLERANCE`.
        OutputError: a file cannot be written.
    """
    model = model.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    files, worst = {}, {}
    fit = calibration or Calibration()
    for graph, check in zip(graphs(model, fit), graphs(model, fit, CHECKED), strict=True):
        data = shrink_weights(
            traced(graph.module, graph.inputs, graph.outputs, AXES), coded=graph.name == "text"
        )
        worst[graph.name] = _difference(data, check)
        if not worst[graph.name] <= TOLERANCE:
            raise ModelError(f"{graph.name}.onnx differs from the model by {worst[graph.name]:.3g}")
        files[graph.name] = data
    for name, data in files.items():
        atomic_write(out / f"{name}.onnx", data, force=True)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = {**facts, "config": model.config.to_dict(), "sha256": hashes}
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    atomic_write(out / MANIFEST, text.encode(), force=True)
    return worst


def _difference(data: bytes, graph: Graph) -> float:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = session.run(None, {name: value.numpy() for name, value in graph.inputs.items()})
    wanted = graph.module(*graph.inputs.values())
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted, strict=True))
