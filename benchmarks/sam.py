"""Baseline, for time only: transformers' SamModel ViT-B at 1024 with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import SamConfig, SamModel

from benchmarks.photograph import SIZE

SIDE = 1024


class Sam:
    """SAM ViT-B. Its weights are random, so its masks mean nothing; its work is the same."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self._model: Any = SamModel(SamConfig()).eval()  # type: ignore[no-untyped-call]

    @torch.inference_mode()
    def embed(self, photograph: Path) -> Tensor:
        """Read the file and look at it: `(1, 256, 64, 64)`."""
        scale = SIDE / max(SIZE)
        with Image.open(photograph) as image:
            pixels = np.array(image.resize((round(SIZE[0] * scale), round(SIZE[1] * scale))))
        square = torch.zeros(1, 3, SIDE, SIDE)
        seen = torch.from_numpy(pixels).permute(2, 0, 1) / 127.5 - 1.0
        square[0, :, : seen.shape[1], : seen.shape[2]] = seen
        embedding: Tensor = self._model.get_image_embeddings(square)
        return embedding

    @torch.inference_mode()
    def click(self, embedding: Tensor, xy: tuple[int, int]) -> NDArray[np.bool_]:
        """Three masks for a click, `(3, H, W)` bool, at the size of the photograph."""
        points = torch.tensor([[[list(xy)]]]) * (SIDE / max(SIZE))
        found = self._model(image_embeddings=embedding, input_points=points)
        square = torch.nn.functional.interpolate(found.pred_masks[0], (SIDE, SIDE), mode="bilinear")
        scale = SIDE / max(SIZE)
        seen = square[..., : round(SIZE[1] * scale), : round(SIZE[0] * scale)]
        masks = torch.nn.functional.interpolate(seen, SIZE[::-1], mode="bilinear") > 0
        return np.asarray(masks[0])
