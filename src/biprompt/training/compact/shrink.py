"""Smaller weights in an ONNX graph; computing stays float32.

Large weights become float16 behind a Cast. Those of the frozen classifier become the 8-bit codes
that they were published as (one scale a tensor), which loses nothing. onnxruntime puts both
together again once, when it opens the graph.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

SMALLEST = 256
"""Tensors of fewer numbers stay float32."""
STEPS = 254
"""Steps between the least and the greatest weight of a tensor of the published classifier."""
CLASSIFIER = "semantics."
"""Part of the names of the frozen classifier's weights."""


def shrink_weights(model: onnx.ModelProto) -> bytes:
    """The graph with small weights, checked and serialised."""
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    for tensor in list(graph.initializer):
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < SMALLEST:
            continue
        is_weight = tensor.name.endswith(".weight")
        shrink = _as_codes if CLASSIFIER in tensor.name and is_weight else _as_float16
        nodes += shrink(graph, tensor, array)
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)
    model.doc_string = ""
    for node in graph.node:
        node.doc_string = ""  # stack traces of this machine
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def _cast(source: str, target: str) -> onnx.NodeProto:
    return onnx.helper.make_node("Cast", [source], [target], to=onnx.TensorProto.FLOAT)


def _as_float16(
    graph: onnx.GraphProto, tensor: onnx.TensorProto, array: NDArray[np.float32]
) -> list[onnx.NodeProto]:
    name, half = tensor.name, f"{tensor.name}.half"
    tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), half))
    return [_cast(half, name)]


def _as_codes(
    graph: onnx.GraphProto, tensor: onnx.TensorProto, array: NDArray[np.float32]
) -> list[onnx.NodeProto]:
    name = tensor.name
    step = max(float(array.max() - array.min()) / STEPS, 1e-8)
    least = np.rint(array.min() / step)
    codes = np.clip(np.rint(array / step) - least, 0, 255).astype(np.uint8)
    tensor.CopyFrom(numpy_helper.from_array(codes, f"{name}.codes"))
    for part, value in (("least", least), ("step", step)):
        graph.initializer.append(
            numpy_helper.from_array(np.array(value, np.float32), f"{name}.{part}")
        )
    add = onnx.helper.make_node("Add", [f"{name}.float", f"{name}.least"], [f"{name}.steps"])
    product = onnx.helper.make_node("Mul", [f"{name}.steps", f"{name}.step"], [name])
    return [_cast(f"{name}.codes", f"{name}.float"), add, product]
