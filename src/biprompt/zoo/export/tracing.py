"""From a network to an ONNX graph."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

OPSET = 17

Axes = Mapping[str, Mapping[int, str]]


def traced(
    module: nn.Module, inputs: Mapping[str, Tensor], outputs: Sequence[str], axes: Axes
) -> onnx.ModelProto:
    """Trace a network.

    Args:
        module: takes `inputs` in order.
        inputs: an example of each, by name.
        outputs: names.
        axes: those that may have any length, by name of input or output; other names are left out.

    Returns:
        The graph with its weights in memory, however many they are.
    """
    names = (*inputs, *outputs)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The older exporter is meant, and what it warns of is checked afterwards.
        warnings.simplefilter("ignore")
        path = Path(folder) / "graph.onnx"
        torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            path,
            dynamo=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(axes[name]) for name in names if name in axes},
        )
        return onnx.load(path)
