"""Small weights in a graph give the same numbers as large ones, as far as they can."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from biprompt.training.compact.shrink import shrink_weights


class Graph(nn.Module):
    """A convolution under the classifier's name, and two matrices."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.semantics = nn.Module()
        self.semantics.conv = nn.Conv2d(3, 96, 3)
        codes = torch.randint(-120, 135, self.semantics.conv.weight.shape)
        codes.view(-1)[:2] = torch.tensor([-120, 134])  # the published grid is used to its ends
        self.semantics.conv.weight.data = codes * 0.0137
        self.one, self.two = nn.Linear(96, 96, bias=False), nn.Linear(96, 4)

    def forward(self, x: Tensor) -> Tensor:
        """The mean over the image, through both matrices."""
        return self.two(self.one(torch.relu(self.semantics.conv(x)).mean((2, 3))))


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Graph, Path, Tensor]:
    module, x = Graph().eval(), torch.randn(2, 3, 9, 9)
    path = tmp_path / "graph.onnx"
    torch.onnx.export(module, (x,), path, dynamo=False, opset_version=17, input_names=["x"])
    return module, path, x


@pytest.mark.parametrize(("coded", "near"), [(False, 2e-3), (True, 3e-2)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_numbers_stay(exported: tuple[Graph, Path, Tensor], coded: bool, near: float) -> None:
    module, path, x = exported
    data = shrink_weights(onnx.load(path), coded=coded)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": x.numpy()})
    wanted = module(x).detach().numpy()
    assert np.abs(found - wanted).max() < near * np.abs(wanted).max()
    assert len(data) < 0.6 * path.stat().st_size


def test_the_published_codes_lose_nothing(exported: tuple[Graph, Path, Tensor]) -> None:
    module, path, _ = exported
    model = onnx.load_from_string(shrink_weights(onnx.load(path)))
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    (name,) = [n.removesuffix(".codes") for n in stored if n.endswith(".codes")]
    again = (stored[f"{name}.codes"] + stored[f"{name}.least"]) * stored[f"{name}.step"]
    assert np.abs(again - module.semantics.conv.weight.numpy(force=True)).max() < 1e-6
