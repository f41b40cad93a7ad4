"""Grounding DINO: boxes for phrases.

Liu et al., "Grounding DINO: Marrying DINO with Grounded Pre-Training for Open-Set Object
Detection", ECCV 2024. Its encoder mixes image and words from the start. The part that sees the
image alone, the backbone, runs once an image; the rest once a phrase.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from biprompt.runtime.base import Float, ImageEmbedding, Phrase
from biprompt.runtime.hub.asking import asking
from biprompt.runtime.hub.words.detections import Detections
from biprompt.runtime.hub.words.maps import carried, in_batches, looked, token_batch
from biprompt.runtime.hub.words.views import Fitted, Settings
from biprompt.runtime.torch.place import Place

_LEVEL = "level"
_given: ContextVar[Sequence[Tensor]] = ContextVar("the feature maps of the image that is asked")


class GroundingDinoDetector:
    """Grounding DINO as a detector; see `Detector`.

    The score of a box is its best one for any piece of the phrase, as published.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision; the image backbone works in it, the rest in float32.
        model: ``GroundingDinoForObjectDetection`` of transformers; its backbone is replaced.
        settings: its ``preprocessor_config.json``.

    Raises:
        WeightsError: the settings ask for another resize.
        ModelError: the device's memory is not enough.
    """

    threshold = 0.35
    """As the authors' examples have it."""

    def __init__(
        self, name: str, version: str, place: Place, model: Any, settings: Settings
    ) -> None:
        self.name, self.place = name, place
        self.version = f"{version}-{place.dtype}".replace("torch.", "")
        self._view, self._model = Fitted.of(settings), model.eval().requires_grad_(False)
        with asking(place, name):
            model.to(place.device).float()
            self._backbone = model.model.backbone.conv_encoder.to(place.dtype)
        model.model.backbone = _Given(model.model.backbone.position_embedding)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Detector.encode`: the levels of the backbone."""
        return looked(self.place, self.name, self._view, self._look, images)

    def detect(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> list[Detections]:
        """See `Detector.detect`: every query proposes a box."""
        hw = image.frame.original_hw
        found: list[Detections] = []
        with asking(self.place, self.name):
            features = carried(image.features, self.place)
            levels = [features[f"{_LEVEL}{i}"] for i in range(len(features))]
            for some in in_batches(phrases, self.place.batch):
                boxes, scores = self._asked(levels, some, self._view.frame(hw).model_hw)
                pairs = zip(boxes.cpu().numpy(), scores.cpu().numpy(), strict=True)
                found += [Detections.of(*pair, (hw[1], hw[0]), hw) for pair in pairs]
        return found

    def _look(self, pixels: Tensor) -> Mapping[str, Tensor]:
        everywhere = torch.ones_like(pixels[:, 0], dtype=torch.long)
        levels = self._backbone(pixels, everywhere)
        return {f"{_LEVEL}{i}": level for i, (level, _) in enumerate(levels)}

    def _asked(
        self, levels: Sequence[Tensor], phrases: Sequence[Phrase], hw: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """Boxes ``(P, Q, 4)`` and scores ``(P, Q)`` of phrases in one image."""
        ids, real = token_batch(phrases, self.place)
        size = torch.zeros(1, device=self.place.device).expand(len(ids), 3, *hw)
        with _these([level.expand(len(ids), -1, -1, -1) for level in levels]):
            found = self._model(pixel_values=size, input_ids=ids, attention_mask=real)
        return found.pred_boxes.float(), found.logits.float().sigmoid().amax(-1)


class _Given(nn.Module):
    """In the place of the backbone: hands on what the backbone saw before.

    Args:
        position_embedding: of the backbone; the model asks for it by this name.
    """

    def __init__(self, position_embedding: nn.Module) -> None:
        super().__init__()
        self.position_embedding = position_embedding

    def forward(
        self, pixel_values: Tensor, pixel_mask: Tensor
    ) -> tuple[list[tuple[Tensor, Tensor]], list[Tensor]]:
        """Feature maps with their masks, and where they lie."""
        levels = [(level, _resized(pixel_mask, level)) for level in _given.get()]
        return levels, [self.position_embedding(*level).to(level[0].dtype) for level in levels]


@contextmanager
def _these(levels: Sequence[Tensor]) -> Iterator[None]:
    """Let the model read these feature maps, in this thread alone."""
    token = _given.set(levels)
    try:
        yield
    finally:
        _given.reset(token)


def _resized(mask: Tensor, level: Tensor) -> Tensor:
    return F.interpolate(mask[None].float(), size=level.shape[-2:])[0].bool()
