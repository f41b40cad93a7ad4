"""OWLv2: boxes for phrases.

Minderer et al., "Scaling Open-Vocabulary Object Detection", NeurIPS 2023. Image and words meet in a
dot product at the very end, so the image is looked at once and a phrase costs its text encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from biprompt.runtime.base import Float, ImageEmbedding, Phrase
from biprompt.runtime.hub.asking import asking
from biprompt.runtime.hub.words.detections import Detections
from biprompt.runtime.hub.words.maps import carried, in_batches, looked, token_batch
from biprompt.runtime.hub.words.views import CLIP, Cornered, Numbers, Settings, side_of
from biprompt.runtime.torch.place import Place

SIDE = 960
_PHRASES = 64
"""Phrases of one call; they share the image's cells."""
_CELLS = "cells"


class Owlv2Detector:
    """OWLv2 as a detector; see `Detector`.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision; the image encoder works in it, the rest in float32.
        model: ``Owlv2ForObjectDetection`` of transformers.
        settings: its ``preprocessor_config.json``.

    Raises:
        WeightsError: the settings ask for something else than a square.
        ModelError: the device's memory is not enough.
    """

    threshold = 0.1
    """As in the published processor."""

    def __init__(
        self, name: str, version: str, place: Place, model: Any, settings: Settings
    ) -> None:
        self.name, self.place = name, place
        self.version = f"{version}-{place.dtype}".replace("torch.", "")
        self._view = Cornered(side_of(settings, SIDE), Numbers.of(settings, CLIP))
        self._model = model.eval().requires_grad_(False)
        with asking(place, name):
            model.to(place.device).float()
            model.owlv2.vision_model.to(place.dtype)
            model.owlv2.vision_model.post_layernorm.float()

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Detector.encode`: what each patch shows, ``(1, D, h, w)``."""
        return looked(self.place, self.name, self._view, self._look, images)

    def detect(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> list[Detections]:
        """See `Detector.detect`: every patch proposes a box."""
        with asking(self.place, self.name):
            cells = carried(image.features, self.place)[_CELLS].permute(0, 2, 3, 1)
            patches = cells.flatten(1, 2)
            boxes = self._model.box_predictor(patches, cells)[0].float().cpu().numpy()
            scores = [
                row
                for some in in_batches(phrases, _PHRASES)
                for row in self._scores(patches, some).float().cpu().numpy()
            ]
        hw = image.frame.original_hw
        side = float(max(hw))  # of the black square that the image lies on
        return [Detections.of(boxes, row, (side, side), hw) for row in scores]

    def _look(self, pixels: Tensor) -> Mapping[str, Tensor]:
        model = self._model
        seen = model.owlv2.vision_model(pixels).last_hidden_state.float()
        seen = model.owlv2.vision_model.post_layernorm(seen)
        cells = model.layer_norm(seen[:, 1:] * seen[:, :1])
        high, wide = model.num_patches_height, model.num_patches_width
        return {_CELLS: cells.reshape(len(cells), high, wide, -1).permute(0, 3, 1, 2)}

    def _scores(self, patches: Tensor, phrases: Sequence[Phrase]) -> Tensor:
        """Score of every patch for every phrase: ``(P, N)``."""
        ids, real = token_batch(phrases, self.place)
        read = self._model.owlv2.get_text_features(ids, real)
        read = getattr(read, "pooler_output", read)
        logits, _ = self._model.class_predictor(patches, read[None])
        scores: Tensor = logits[0].sigmoid().T
        return scores
