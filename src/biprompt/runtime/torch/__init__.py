"""The large models on torch: one image pass for both experts, on CPU, CUDA or MPS."""

from __future__ import annotations

from biprompt.runtime.torch.experts import PointExpert, Sight, TextExpert
from biprompt.runtime.torch.place import Place
from biprompt.runtime.torch.runtime import TorchRuntime
from biprompt.runtime.torch.sharing import share_encoder

__all__ = ["Place", "PointExpert", "Sight", "TextExpert", "TorchRuntime", "share_encoder"]
