"""The trained model as ONNX: three graphs with float16 weights, checked against PyTorch.

The image size, the number of prompts, of points and of words are free.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from biprompt.errors import ModelError
from biprompt.io.files import atomic_write
from biprompt.models.compact import CompactModel, Features, SpatialPrompts, TextPrompts

OPSET = 17
SMALLEST_HALVED = 256
"""Tensors of fewer numbers stay float32."""
TOLERANCE = 0.08
"""Largest difference of a logit that storing weights in float16 may cause."""


class EncoderGraph(nn.Module):
    """``image`` ``(H, W, 3)`` uint8 to the five feature maps."""

    def __init__(self, model: CompactModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        x = image.permute(2, 0, 1)[None].float() / 127.5 - 1.0
        return tuple(self.model.encode(x))


class TextGraph(nn.Module):
    """Phrases and two feature maps of one image to query, prior and presence."""

    def __init__(self, model: CompactModel) -> None:
        super().__init__()
        self.text = model.text

    def forward(
        self, p16: Tensor, c32: Tensor, words: Tensor, lengths: Tensor
    ) -> tuple[Tensor, ...]:
        p16, c32 = (x.expand(words.shape[0], -1, -1, -1) for x in (p16, c32))
        return self.text(Features(p16, p16, p16, p16, c32), words, lengths)  # type: ignore[no-any-return]


class DecoderGraph(nn.Module):
    """Prompts and four feature maps of one image to mask logits and predicted IoU."""

    def __init__(self, model: CompactModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, p4: Tensor, p8: Tensor, p16: Tensor, key8: Tensor, xy: Tensor, labels: Tensor,
        box: Tensor, has_box: Tensor, mask: Tensor, has_mask: Tensor, query: Tensor,
        prior: Tensor, has_text: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        maps = (x.expand(labels.shape[0], -1, -1, -1) for x in (p4, p8, p16, key8))
        features = Features(*maps, p16)
        spatial = SpatialPrompts(xy, labels, box, has_box, mask, has_mask)
        logits, quality = self.model.decode(features, spatial, TextPrompts(query, prior, has_text))
        return logits, torch.sigmoid(quality)


def _sample_inputs(model: CompactModel) -> dict[str, dict[str, Tensor]]:
    """Example inputs of each graph: 128 x 160 pixels, two prompts."""
    h, w, p = 128, 160, 2
    image = torch.randint(0, 256, (h, w, 3), dtype=torch.uint8)
    features = EncoderGraph(model)(image)
    p4, p8, p16, key8, c32 = features
    words = torch.randn(p, 3, model.config.word_dim)
    spatial = {
        "xy": torch.rand(p, 4, 2) * w, "labels": torch.tensor([[1.0, 0.0, 1.0, -1.0]] * p),
        "box": torch.tensor([[10.0, 20.0, 90.0, 100.0]] * p), "has_box": torch.tensor([1.0, 0.0]),
        "mask": torch.rand(p, 1, h // 4, w // 4), "has_mask": torch.tensor([0.0, 1.0]),
        "query": torch.randn(p, model.config.text_dim),
        "prior": torch.randn(p, 1, h // 16, w // 16), "has_text": torch.tensor([1.0, 0.0]),
    }  # fmt: skip
    return {
        "encoder": {"image": image},
        "text": {"p16": p16, "c32": c32, "words": words, "lengths": torch.tensor([3.0, 2.0])},
        "decoder": {"p4": p4, "p8": p8, "p16": p16, "key8": key8, **spatial},
    }


_AXES: Mapping[str, Mapping[int, str]] = {
    "image": {0: "H", 1: "W"},
    **{name: {2: f"h{s}", 3: f"w{s}"} for name, s in
       (("p4", 4), ("p8", 8), ("p16", 16), ("key8", 8), ("c32", 32))},
    "words": {0: "P", 1: "L"}, "xy": {0: "P", 1: "N"}, "labels": {0: "P", 1: "N"},
    "mask": {0: "P", 2: "h4", 3: "w4"}, "prior": {0: "P", 2: "h16", 3: "w16"},
    "logits": {0: "P", 2: "h4", 3: "w4"},
    **{name: {0: "P"} for name in
       ("lengths", "box", "has_box", "has_mask", "query", "has_text", "iou", "presence")},
}  # fmt: skip
_OUTPUTS = {
    "encoder": ("p4", "p8", "p16", "key8", "c32"),
    "text": ("query", "prior", "presence"),
    "decoder": ("logits", "iou"),
}


def graphs(model: CompactModel) -> dict[str, tuple[nn.Module, dict[str, Tensor]]]:
    """Each graph's module and example inputs."""
    inputs = _sample_inputs(model)
    modules: dict[str, nn.Module] = {
        "encoder": EncoderGraph(model), "text": TextGraph(model), "decoder": DecoderGraph(model)
    }  # fmt: skip
    return {name: (modules[name], inputs[name]) for name in modules}


@torch.no_grad()
def export_onnx(model: CompactModel, out: Path, facts: Mapping[str, Any]) -> dict[str, float]:
    """Writes ``encoder.onnx``, ``text.onnx``, ``decoder.onnx`` and ``model.json`` into a folder.

    Args:
        model: trained, float32, on the CPU.
        out: folder; files of the same names are replaced.
        facts: what ``model.json`` says besides: ``name``, ``long_side``, ``known_words`` and
            whatever a reader should know of the training.

    Returns:
        largest difference of each graph's outputs from PyTorch's on random inputs.

    Raises:
        ModelError: a graph differs by more than :data:`TOLERANCE`.
    """
    model = model.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    out.mkdir(parents=True, exist_ok=True)
    worst, hashes = {}, {}
    for name, (module, inputs) in graphs(model).items():
        data = halve_weights(_to_onnx(name, module, inputs))
        worst[name] = _difference(data, module, inputs)
        if worst[name] > TOLERANCE:
            raise ModelError(f"{name}.onnx differs from the model by {worst[name]:.3g}")
        hashes[name] = hashlib.sha256(data).hexdigest()
        atomic_write(out / f"{name}.onnx", data, force=True)
    manifest = {**facts, "config": model.config.to_dict(), "sha256": hashes}
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    atomic_write(out / "model.json", text.encode(), force=True)
    return worst


def _to_onnx(name: str, module: nn.Module, inputs: dict[str, Tensor]) -> onnx.ModelProto:
    buffer = io.BytesIO()
    names = (*inputs, *_OUTPUTS[name])
    torch.onnx.export(
        module.eval(), tuple(inputs.values()), buffer, dynamo=False, opset_version=OPSET,
        input_names=list(inputs), output_names=list(_OUTPUTS[name]),
        dynamic_axes={n: dict(_AXES[n]) for n in names if n in _AXES},
    )  # fmt: skip
    return onnx.load_from_string(buffer.getvalue())


def halve_weights(graph: onnx.ModelProto) -> bytes:
    """Stores large float32 weights as float16 with a Cast behind each; computing stays float32."""
    casts = []
    for tensor in graph.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < SMALLEST_HALVED:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(array.astype(np.float16), name + ".half"))
        casts.append(
            onnx.helper.make_node("Cast", [name + ".half"], [name], to=onnx.TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    graph.doc_string = ""
    for node in graph.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(graph)
    return graph.SerializeToString()  # type: ignore[no-any-return]


def _difference(data: bytes, module: nn.Module, inputs: dict[str, Tensor]) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    found = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    wanted = module(*inputs.values())
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted, strict=True))
