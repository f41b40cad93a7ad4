"""Smaller weights in an ONNX graph; computing stays float32.

Large weights become float16 behind a Cast. Those of the frozen classifier become the 8-bit codes
that they were published as (one scale a tensor), which loses nothing. Where asked for, large
matrices become 8-bit codes with a scale for each channel. onnxruntime puts all of them together
again once, when it opens the graph.
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
CODED = 4096
"""Matrices of fewer numbers never become codes."""
CLASSIFIER = "semantics."
"""Part of the names of the frozen classifier's weights."""


def shrink_weights(model: onnx.ModelProto, *, coded: bool = False) -> bytes:
    """The graph with small weights, checked and serialised.

    Args:
        model: the graph; it is changed.
        coded: whether large matrices become 8-bit codes rather than float16.
    """
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    for tensor in list(graph.initializer):
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < SMALLEST:
            continue
        shrink = _as_float16
        if CLASSIFIER in tensor.name and tensor.name.endswith(".weight"):
            shrink = _as_published_codes
        elif coded and array.ndim == 2 and array.size >= CODED:
            shrink = _as_channel_codes
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


def _as_published_codes(
    graph: onnx.GraphProto, tensor: onnx.TensorProto, array: NDArray[np.float32]
) -> list[onnx.NodeProto]:
    step = max(float(array.max() - array.min()) / STEPS, 1e-8)
    least = np.rint(array.min() / step)
    codes = np.clip(np.rint(array / step) - least, 0, 255).astype(np.uint8)
    return _replace(graph, tensor, codes, np.array(least), np.array(step))


def _as_channel_codes(
    graph: onnx.GraphProto, tensor: onnx.TensorProto, array: NDArray[np.float32]
) -> list[onnx.NodeProto]:
    peak = np.abs(array).max(0, keepdims=True)
    step = np.maximum(peak / 127.0, 1e-8)
    codes = (np.rint(array / step) + 128).astype(np.uint8)
    return _replace(graph, tensor, codes, np.array(-128), step)


def _replace(
    graph: onnx.GraphProto,
    tensor: onnx.TensorProto,
    codes: NDArray[np.uint8],
    least: NDArray[np.generic],
    step: NDArray[np.generic],
) -> list[onnx.NodeProto]:
    """Puts codes in the place of a weight; gives the nodes of ``(codes + least) * step``."""
    name = tensor.name
    tensor.CopyFrom(numpy_helper.from_array(codes, f"{name}.codes"))
    for part, value in (("least", least), ("step", step)):
        graph.initializer.append(
            numpy_helper.from_array(value.astype(np.float32), f"{name}.{part}")
        )
    add = onnx.helper.make_node("Add", [f"{name}.float", f"{name}.least"], [f"{name}.steps"])
    product = onnx.helper.make_node("Mul", [f"{name}.steps", f"{name}.step"], [name])
    return [_cast(f"{name}.codes", f"{name}.float"), add, product]
