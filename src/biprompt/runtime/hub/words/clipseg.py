"""CLIPSeg: a phrase as a map.

Lueddecke and Ecker, "Image Segmentation Using Text and Image Prompts", CVPR 2022. Its CLIP looks at
the image once; the small decoder reads three of its layers with every phrase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from biprompt.errors import ModelError
from biprompt.runtime.base import Float, ImageEmbedding, Phrase
from biprompt.runtime.hub.asking import asking
from biprompt.runtime.hub.words.maps import MapRuntime, Maps, certainty, token_batch
from biprompt.runtime.hub.words.views import IMAGENET, Numbers, Settings, Square, side_of
from biprompt.runtime.torch.place import Place

SIDE = 352
"""Of the square that the published checkpoints see; CLIP's positions are stretched to it."""
_LAYERS = "layers"


class ClipSegRuntime(MapRuntime):
    """CLIPSeg behind the runtime protocol.

    A phrase is present where any part of its map is above a half: it was trained with phrases that
    name nothing in the image, whose map is empty.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision; CLIP's image encoder works in it, the rest in float32.
        model: ``CLIPSegForImageSegmentation`` of transformers.
        settings: its ``preprocessor_config.json``.

    Raises:
        WeightsError: the settings ask for something else than a square.
        ModelError: the device's memory is not enough.
    """

    def __init__(
        self, name: str, version: str, place: Place, model: Any, settings: Settings
    ) -> None:
        view = Square(side_of(settings, SIDE), Numbers.of(settings, IMAGENET))
        super().__init__(name, version, place, view)
        self._model = model.eval().requires_grad_(False)
        with asking(place, name):
            model.to(place.device).float()
            model.clip.vision_model.to(place.dtype)

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`: the last layer that is read, ``(D, h, w)``, one cell a patch."""
        last = image.features[_LAYERS][0, -1, 1:]
        side = round(len(last) ** 0.5)
        cells: Float = last.T.reshape(-1, side, side)
        return cells

    def _look(self, pixels: Tensor) -> Mapping[str, Tensor]:
        """Layers of CLIP, ``(B, layers, 1 + patches, D)``; the class token comes first."""
        seen = self._model.clip.vision_model(
            pixels, interpolate_pos_encoding=True, output_hidden_states=True
        ).hidden_states
        wanted = [layer + 1 for layer in self._model.extract_layers]
        if max(wanted) >= len(seen):
            raise ModelError(f"{self.facts.model}: layer {max(wanted)} of {len(seen)} is read")
        return {_LAYERS: torch.stack([seen[i] for i in wanted], 1)}

    def _outlined(self, features: Mapping[str, Tensor], phrases: Sequence[Phrase]) -> Maps:
        ids, real = token_batch(phrases, self.place)
        read = self._model.get_conditional_embeddings(len(ids), ids, real)
        layers = features[_LAYERS].expand(len(ids), -1, -1, -1).unbind(1)
        logits = self._model.decoder(tuple(layers), read).logits
        logits = logits.reshape(len(ids), *logits.shape[-2:])
        return Maps(logits, certainty(logits), logits.amax((1, 2)))
