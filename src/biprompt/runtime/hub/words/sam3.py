"""SAM 3: a noun phrase as every instance of it.

Carion et al., "SAM 3: Segment Anything with Concepts", 2025. The image encoder runs once; the
detector reads its output with every phrase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from biprompt.runtime.base import Decoded, Float, ImageEmbedding, Phrase
from biprompt.runtime.hub.asking import asking
from biprompt.runtime.hub.words.maps import MapRuntime, Maps, carried, log_odds, token_batch
from biprompt.runtime.hub.words.number import is_semantic, means_all
from biprompt.runtime.hub.words.views import HALF, Numbers, Settings, Square, side_of
from biprompt.runtime.torch.place import Place

SIDE = 1008
KEPT = 0.5
"""Score from which an instance counts, as the authors' processor has it."""
_IMAGE = "image"


class Sam3Words(MapRuntime):
    """The detector of SAM 3 behind the runtime protocol.

    The score of an instance is that of its query times that of the presence token. One thing is the
    best instance; several are the instances whose score is at least `KEPT`; "[semantic] " asks the
    semantic head. Present is what scores at least `KEPT`; with "[semantic] " the presence token
    alone decides.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision; the image encoder works in it, the rest in float32.
        model: ``Sam3Model`` of transformers.
        settings: its ``preprocessor_config.json``.

    Raises:
        WeightsError: the settings ask for something else than a square.
        ModelError: the device's memory is not enough.
    """

    def __init__(
        self, name: str, version: str, place: Place, model: Any, settings: Settings
    ) -> None:
        view = Square(side_of(settings, SIDE), Numbers.of(settings, HALF), resample=None)
        super().__init__(name, version, place, view, instances=True)
        self._model = model.eval().requires_grad_(False)
        self._places = int(model.config.text_config.max_position_embeddings)
        with asking(place, name):
            model.to(place.device).float()
            model.vision_encoder.backbone.to(place.dtype)

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`: the image encoder's output, ``(D, h, w)``, one cell a patch."""
        cells: Float = image.features[_IMAGE][0]
        return cells

    def instances(self, image: ImageEmbedding, phrase: Phrase) -> Decoded:
        """See `InstanceRuntime.instances`: those whose score is at least `KEPT`."""
        with asking(self.place, self.facts.model):
            found = self._detected(carried(image.features, self.place), [phrase])
            scores = _scores(found, 0)
            order = scores.argsort(descending=True)
            kept = order[scores[order] >= KEPT]
            logits = found.pred_masks[0, kept].float().cpu().numpy()
        return Decoded(logits[:, None], scores[kept].cpu().numpy()[:, None])

    def _look(self, pixels: Tensor) -> Mapping[str, Tensor]:
        encoder = self._model.vision_encoder
        seen = encoder.backbone(pixels).last_hidden_state
        side = pixels.shape[-1] // encoder.config.backbone_config.patch_size
        return {_IMAGE: seen.reshape(len(seen), side, side, -1).permute(0, 3, 1, 2)}

    def _outlined(self, features: Mapping[str, Tensor], phrases: Sequence[Phrase]) -> Maps:
        found = self._detected(features, phrases)
        rows = [_answer(found, row, phrase.text) for row, phrase in enumerate(phrases)]
        logits, score, presence = (torch.stack(part) for part in zip(*rows, strict=True))
        return Maps(logits, score, presence)

    def _detected(self, features: Mapping[str, Tensor], phrases: Sequence[Phrase]) -> Any:
        """What the whole network gives for some phrases in one image."""
        # As in training, shorter phrases are padded to all the places there are.
        ids, real = token_batch(phrases, self.place, self._places)
        levels, places = self._model.vision_encoder.neck(features[_IMAGE])
        seen = SimpleNamespace(
            fpn_hidden_states=tuple(one.expand(len(ids), -1, -1, -1) for one in levels),
            fpn_position_encoding=tuple(one.expand(len(ids), -1, -1, -1) for one in places),
            hidden_states=None, attentions=None,
        )  # fmt: skip
        return self._model(vision_embeds=seen, input_ids=ids, attention_mask=real)


def _answer(found: Any, row: int, text: str) -> tuple[Tensor, Tensor, Tensor]:
    """Map ``(h, w)``, score and presence logit of one phrase."""
    if is_semantic(text):
        there = found.presence_logits[row].reshape(()).float()
        return found.semantic_seg[row, 0], there.sigmoid(), there
    scores = _scores(found, row)
    best = scores.max()
    kept = scores >= KEPT if means_all(text) and best >= KEPT else scores == best
    return found.pred_masks[row, kept].amax(0), best, log_odds(best)


def _scores(found: Any, row: int) -> Tensor:
    """Scores ``(Q,)`` of the instances of one phrase: its query's, times that it is there."""
    there = found.presence_logits[row].reshape(()).float().sigmoid()
    scores: Tensor = found.pred_logits[row].float().sigmoid() * there
    return scores
