"""Fail where a package is installed that must stay out, and say which torch was tested."""

from __future__ import annotations

import importlib.util
import sys

import torch

# They come with a CUDA build of torch, which replaces the CPU build.
FORBIDDEN = ("torchvision", "timm")

present = [name for name in FORBIDDEN if importlib.util.find_spec(name) is not None]
if present:
    sys.exit(f"must not be installed, also not through another package: {', '.join(present)}")
cuda = torch.version.cuda or "none"
print(f"torch {torch.__version__}, CUDA {cuda}; no {', no '.join(FORBIDDEN)}")
