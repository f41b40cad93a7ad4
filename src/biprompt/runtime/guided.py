"""A guided network behind the runtime protocol: clicks become maps in the model frame."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biprompt.errors import ModelError, PromptError
from biprompt.geometry import ModelFrame, fit_longest
from biprompt.guidance import Encoding, GuidedImage, guidance_maps
from biprompt.io.pixels import resize_pixels
from biprompt.models.guided import Fusion, GuidedNetwork
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
from biprompt.runtime.dense import joined_levels
from biprompt.runtime.torch import Place

PREPROCESSING = "1"
"""Changes when an image would reach the network in another form; part of the version."""
PIXELS = "pixels"
"""Name of the resized image among the features, 0 to 255: maps are made of it."""
LEVELS = ("c4", "c8", "c16", "c32")
_CELL, _MULTIPLE, _KEPT = 4, 32, 4
_OUTSIDE = -10.0
"""Logit of what lies outside a given box."""


class GuidedRuntime:
    """One guided network. With two streams the image is looked at once, else with every prompt.

    A box is a click in its middle, and nothing outside it belongs to the answer.

    Args:
        name: of the model.
        version: changes with the weights.
        network: answers.
        encoding: how clicks become maps.
        long_side: model pixels of the longer side of an image.
        place: device; the network always works in float32.
    """

    def __init__(
        self, name: str, version: str, network: GuidedNetwork, encoding: Encoding,
        long_side: int, place: Place,
    ) -> None:  # fmt: skip
        self.place, self.encoding, self._long_side = place, encoding, long_side
        self._facts = RuntimeFacts(
            name, f"{version}-{PREPROCESSING}", one_part=True, words=False, joint=False
        )
        self._recent: OrderedDict[str, GuidedImage] = OrderedDict()
        self._lock = threading.Lock()
        with place.guard(name):
            self._network = network.eval().to(place.device)

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        return self._facts

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """See `Runtime.frame`: no padding, so that no map has an edge that the image has not."""
        return ModelFrame(hw, fit_longest(hw, self._long_side, _MULTIPLE))

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`; one after the other, as their sizes differ."""
        return [self._look(image) for image in images]

    def _look(self, image: NDArray[np.uint8]) -> Mapping[str, Float]:
        small = resize_pixels(image, self.frame((image.shape[0], image.shape[1])).model_hw)
        pixels = np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)
        features = {PIXELS: pixels}
        if self._network.config.fusion is Fusion.TWO_STREAM:
            with self.place.guard(self._facts.model):
                seen = self._network.look(self._scaled(pixels))
                levels = [level.cpu().contiguous().numpy() for level in seen]
            features |= dict(zip(LEVELS, levels, strict=True))
        for level in features.values():
            level.flags.writeable = False
        return MappingProxyType(features)

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """It reads no words.

        Raises:
            ModelError: always.
        """
        raise ModelError(f"{self._facts.model} reads no words")

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`: one mask a row, its score the mean probability inside it."""
        guided, hw = self._guided(image), image.frame.model_hw
        maps = np.stack([self._maps(guided, spatial, row, hw) for row in range(len(spatial))])
        previous = spatial.mask * spatial.has_mask[:, None, None, None]
        with self.place.guard(self._facts.model):
            seen = tuple(level.expand(len(spatial), -1, -1, -1) for level in self._seen(image))
            device = self.place.device
            answer = self._network.answer(
                seen, torch.from_numpy(maps).to(device), torch.from_numpy(previous).to(device)
            )
            logits = answer.float().cpu().numpy()
        for row in np.flatnonzero(spatial.has_box):
            outside = ~_inside(spatial.box[row], logits.shape[2:])
            logits[row, :, outside] = np.minimum(logits[row, :, outside], _OUTSIDE)
        return Decoded(logits, _certainty(logits))

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`; only with two streams does the image have features of its own.

        Raises:
            PromptError: maps join the image before its first layer.
        """
        if LEVELS[-1] not in image.features:
            actual = "one that sees an image only with its clicks on it"
            raise PromptError("examples", expected="a model with features", actual=actual)
        levels = [image.features[name] for name in LEVELS[2:]]
        return joined_levels(levels, image.features[LEVELS[2]])

    def _seen(self, image: ImageEmbedding) -> tuple[Tensor, ...]:
        if LEVELS[0] not in image.features:
            return (self._scaled(image.features[PIXELS]),)
        device = self.place.device
        return tuple(torch.tensor(image.features[name], device=device) for name in LEVELS)

    def _scaled(self, pixels: Float) -> Tensor:
        return torch.tensor(pixels, device=self.place.device) / 127.5 - 1.0

    def _guided(self, image: ImageEmbedding) -> GuidedImage:
        """The resized image; superpixels of the last few images are kept."""
        with self._lock:
            found = self._recent.get(image.key)
            if found is None:
                pixels = image.features[PIXELS][0].transpose(1, 2, 0).astype(np.uint8)
                found = GuidedImage(np.ascontiguousarray(pixels))
                self._recent[image.key] = found
                while len(self._recent) > _KEPT:
                    self._recent.popitem(last=False)
            return found

    def _maps(
        self, image: GuidedImage, spatial: SpatialBatch, row: int, hw: tuple[int, int]
    ) -> Float:
        xy, labels = spatial.xy[row], spatial.labels[row]
        if spatial.has_box[row]:
            xy = np.concatenate([xy, spatial.box[row].reshape(2, 2).mean(0, keepdims=True)])
            labels = np.append(labels, 1.0)
        adding, removing = (_seeds(xy[labels == label], hw) for label in (1, 0))
        return guidance_maps(self.encoding, image, adding, removing)


def _seeds(xy: Float, hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Seeds of points in the model frame; rounding there may put one on the far edge."""
    seeds = np.zeros(hw, np.bool_)
    x, y = np.floor(xy).astype(np.intp).reshape(-1, 2).T
    seeds[np.clip(y, 0, hw[0] - 1), np.clip(x, 0, hw[1] - 1)] = True
    return seeds


def _inside(box: Float, cells_hw: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which cells have their middle in a box, xyxy in the model frame."""
    y, x = ((np.arange(count) + 0.5) * _CELL for count in cells_hw)
    across, down = (x > box[0]) & (x < box[2]), (y > box[1]) & (y < box[3])
    return np.asarray(down[:, None] & across, np.bool_)


def _certainty(logits: Float) -> Float:
    """Mean probability inside each mask, (P, 1); 0 for an empty one."""
    inside = logits > 0
    probability = 1.0 / (1.0 + np.exp(-np.abs(logits)))
    total = (probability * inside).sum((2, 3)) / np.maximum(inside.sum((2, 3)), 1)
    return np.asarray(total, np.float32)
