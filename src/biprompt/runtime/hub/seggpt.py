"""SegGPT: what examples mark in their images, marked in another.

Wang et al., "SegGPT: Segmenting Everything In Context", ICCV 2023. It paints: example above, image
below, and the lower half of the marks is filled in. Several examples share what they find by
averaging inside the network (the paper's feature ensemble).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from biprompt.errors import ModelError, PromptError
from biprompt.geometry import Hw, ModelFrame
from biprompt.prompts import Example
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)
from biprompt.runtime.hub.asking import asking
from biprompt.runtime.hub.words.maps import certainty, looked
from biprompt.runtime.hub.words.views import IMAGENET, Numbers, Settings, Square, side_of
from biprompt.runtime.torch.place import Place

SIDE = 448
SURE = 1e-3
"""Paint counts as a probability between this and one less this."""
_PIXELS = "pixels"


class SegGptRuntime:
    """SegGPT behind the runtime protocol: examples are all it takes.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision of the whole network.
        model: ``SegGptForImageSegmentation`` of transformers.
        settings: its ``preprocessor_config.json``.

    Raises:
        WeightsError: the settings ask for something else than a square.
        ModelError: the device's memory is not enough.
    """

    def __init__(
        self, name: str, version: str, place: Place, model: Any, settings: Settings
    ) -> None:
        self.place, self._model = place, model.eval().requires_grad_(False)
        numbers, bicubic = Numbers.of(settings, IMAGENET), int(Image.Resampling.BICUBIC)
        self._view = Square(side_of(settings, SIDE), numbers, bicubic)
        self._facts = RuntimeFacts(
            name, f"{version}-{place.dtype}".replace("torch.", ""),
            points=False, masks=False, words=False, examples=True, joint=False,
        )  # fmt: skip
        with asking(place, name):
            model.to(place.device, place.dtype)

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        return self._facts

    def frame(self, hw: Hw) -> ModelFrame:
        """See `Runtime.frame`."""
        return self._view.frame(hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`: the small picture that it reads with every example."""
        return looked(self.place, self._facts.model, self._view, _as_seen, images)

    def imitate(self, image: ImageEmbedding, examples: Sequence[Example]) -> Decoded:
        """See `ExampleRuntime.imitate`: white paint is the foreground.

        Raises:
            PromptError: there is no example, or one shows what is not meant.
            ModelError: the memory is not enough.
        """
        if not examples or not all(example.label for example in examples):
            expected = f"examples of what is meant, as {self._facts.model} imitates"
            actual = "one of what is not" if examples else "none"
            raise PromptError("examples", expected=expected, actual=actual)
        with asking(self.place, self._facts.model):
            white = self._painted(image, examples).clamp(SURE, 1 - SURE)
            logits = white.logit()[None]
            score = certainty(logits)
        return Decoded(logits[None].cpu().numpy(), score[None].cpu().numpy())

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`; it reads no words.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"{self._facts.model} reads no words")

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`; it cannot be pointed with.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"{self._facts.model} takes examples alone")

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`; it sees no image without an example.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"{self._facts.model} has no features of an image alone")

    def _painted(self, image: ImageEmbedding, examples: Sequence[Example]) -> Tensor:
        """How white each place of the image is painted: ``(S, S)`` float32, about 0 to 1."""
        seen = torch.from_numpy(image.features[_PIXELS].copy())
        shown = torch.stack([self._view.pixels(example.image) for example in examples])
        marks = torch.stack([self._marks(example.mask) for example in examples])
        given = {
            "pixel_values": seen.expand(len(examples), -1, -1, -1),
            "prompt_pixel_values": shown,
            "prompt_masks": marks,
        }
        given = {k: v.to(self.place.device, self.place.dtype) for k, v in given.items()}
        found = self._model(**given, feature_ensemble=len(examples) > 1, embedding_type="instance")
        below = found.pred_masks[:, :, found.pred_masks.shape[2] // 2 :].float()
        return self._view.numbers.unscaled(below).clamp(0, 1).mean((0, 1))

    def _marks(self, mask: NDArray[np.bool_]) -> Tensor:
        """A mask as white on black, ``(3, S, S)``, as the network reads it."""
        size = (self._view.side, self._view.side)
        small = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
        planes = torch.from_numpy(small.astype(np.float32)).expand(3, -1, -1)
        return self._view.numbers.scaled(planes)


def _as_seen(pixels: Tensor) -> Mapping[str, Tensor]:
    return {_PIXELS: pixels}
