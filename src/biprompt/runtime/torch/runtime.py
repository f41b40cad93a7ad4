"""Two experts on torch behind the runtime protocol."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biprompt.errors import ModelError
from biprompt.geometry import ModelFrame
from biprompt.models.beit3 import pad_tokens
from biprompt.models.preprocess import beit_pixels
from biprompt.models.sam.values import SamPrompts
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
from biprompt.runtime.dense import uncovered
from biprompt.runtime.torch.experts import PointExpert, Sight, TextExpert
from biprompt.runtime.torch.place import Place
from biprompt.runtime.torch.precision import settle
from biprompt.runtime.torch.prompts import Kind, groups, sam_prompts

BEIT = "beit"
"""Name of the small image that BEiT-3 reads with every phrase."""
ON_DEVICE = 8
"""Images, counted once an expert, whose feature maps stay on the device: another prompt need not
carry them there again."""


class TorchRuntime:
    """A point expert, a text expert, or both; image encoders that are alike run once.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision; the networks are moved there.
        points: answers clicks, boxes and masks; None for words alone.
        words: answers phrases; None for pointing alone.

    Raises:
        ModelError: neither is given, or the device's memory is not enough.
    """

    def __init__(
        self, name: str, version: str, place: Place, *,
        points: PointExpert | None = None, words: TextExpert | None = None,
    ) -> None:  # fmt: skip
        experts = [one for one in (points, words) if one is not None]
        if not experts:
            raise ModelError(f"{name}: neither a point nor a text expert")
        self.place, self._points, self._words = place, points, words
        self._sights = {one.sight.name: one.sight for one in experts}
        self._seen = experts[0].sight
        self._facts = RuntimeFacts(
            name,
            f"{version}-{place.dtype}".replace("torch.", ""),
            points=points is not None,
            masks=points is not None and points.masks,
            words=words is not None,
            semantic=words is not None and words.semantic,
            joint=words is not None,
            most_points=None if points is None else points.most_points,
        )
        self._on_device = _Recent(ON_DEVICE)
        with place.guard(name):
            for one in experts:
                settle(one.model, place)  # type: ignore[arg-type]  # Promptable networks are modules

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        return self._facts

    @property
    def is_shared(self) -> bool:
        """Whether one image pass serves both experts."""
        return len(self._sights) == 1

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """See `Runtime.frame`: the point expert's, where there is one."""
        return self._seen.frame(hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`: every sight once, in calls of `Place.batch` images."""
        found: list[dict[str, Float]] = [{} for _ in images]
        with self.place.guard(self._facts.model):
            for sight in self._sights.values():
                for first in range(0, len(images), self.place.batch):
                    self._look(sight, images[first : first + self.place.batch], found[first:])
            if self._words is not None:
                side = self._words.model.beit_size
                for image, features in zip(images, found, strict=True):
                    features[BEIT] = beit_pixels(image, side)[None].numpy()
        for features in found:
            for level in features.values():
                level.flags.writeable = False
        return [MappingProxyType(features) for features in found]

    def _look(
        self, sight: Sight, images: Sequence[NDArray[np.uint8]], found: list[dict[str, Float]]
    ) -> None:
        pixels = torch.stack([sight.canvas(image) for image in images])
        maps = sight.model.encode_image(pixels.to(self.place.device, self.place.dtype))
        for name, level in maps.items():
            rows = level.float().cpu()
            for features, row in zip(found, rows, strict=False):
                features[f"{sight.name}.{name}"] = row[None].contiguous().numpy()

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`: the prompt token of each phrase; EVF-SAM tells no presence."""
        words = self._words
        if words is None:
            raise ModelError(f"{self._facts.model} reads no words")
        ids, real = pad_tokens([phrase.tokens for phrase in phrases])
        device = self.place.device
        with self.place.guard(self._facts.model):
            pixels = self._features(image, BEIT)[BEIT].to(self.place.dtype)
            # One image, so every phrase goes with image 0.
            of = torch.zeros(len(ids), dtype=torch.int64, device=device)
            tokens = words.model.phrase_tokens(pixels, ids.to(device), real.to(device), of)
            return Grounding({"tokens": tokens.float().cpu().numpy()})

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`: rows with words go to the text expert, the others to the other."""
        seen, answers = self.frame(image.frame.original_hw), _Answers.empty(len(spatial))
        with self.place.guard(self._facts.model):
            for kind, rows in groups(spatial, text).items():
                expert = self._expert(kind)
                frame = expert.sight.frame(image.frame.original_hw)
                prompts = sam_prompts(
                    kind, rows, spatial, text, seen=seen, frame=frame, device=self.place.device
                )
                features = self._features(image, expert.sight.name)
                answers.put(rows, frame, *_decoded(expert, kind, features, prompts))
        return answers.decoded()

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`: the map that SAM's decoder reads."""
        return uncovered(image.features[f"{self._seen.name}.image"], image.frame)

    def _expert(self, kind: Kind) -> PointExpert | TextExpert:
        expert = self._words if kind.text else self._points
        if expert is None:
            raise ModelError(f"{self._facts.model} does not answer this kind of prompt")
        return expert

    def _features(self, image: ImageEmbedding, sight: str) -> dict[str, Tensor]:
        """Feature maps of one sight on the device, by their plain names."""
        start = f"{sight}."
        wanted = {name.removeprefix(start): value for name, value in image.features.items()
                  if name == sight or name.startswith(start)}  # fmt: skip
        return self._on_device.get((image.key, sight), lambda: self._carried(wanted))

    def _carried(self, features: Mapping[str, Float]) -> dict[str, Tensor]:
        """Arrays on the device; copies, as torch takes no read-only memory."""
        device = self.place.device
        return {name: torch.from_numpy(value.copy()).to(device) for name, value in features.items()}


def _decoded(
    expert: PointExpert | TextExpert, kind: Kind, features: dict[str, Tensor], prompts: SamPrompts
) -> tuple[Float, Float]:
    """Logits ``(N, 4, h, w)`` and predicted IoU ``(N, 4)`` of rows that are alike."""
    logits, iou = expert.model.decode(features, prompts)
    if isinstance(expert, TextExpert) and expert.best_of_three and not kind.is_spatial:
        logits, iou = _best_first(logits, iou)
    return logits.float().cpu().numpy(), iou.float().cpu().numpy()


def _best_first(logits: Tensor, iou: Tensor) -> tuple[Tensor, Tensor]:
    """The best of the three readings in the place of the first mask."""
    best = 1 + iou[:, 1:].argmax(1)
    rows = torch.arange(len(iou), device=iou.device)
    logits, iou = logits.clone(), iou.clone()
    logits[:, 0], iou[:, 0] = logits[rows, best], iou[rows, best]
    return logits, iou


@dataclass(slots=True, eq=False)
class _Answers:
    """Answers of rows as they come, group by group."""

    rows: list[tuple[Float, Float, ModelFrame] | None]

    @classmethod
    def empty(cls, count: int) -> _Answers:
        return cls([None] * count)

    def put(self, rows: NDArray[np.intp], frame: ModelFrame, logits: Float, iou: Float) -> None:
        for row, masks, scores in zip(rows, logits, iou, strict=True):
            self.rows[row] = masks, scores, frame

    def decoded(self) -> Decoded:
        given = [row for row in self.rows if row is not None]
        logits, iou, frames = zip(*given, strict=True)
        return Decoded(np.stack(logits), np.stack(iou), frames)


class _Recent:
    """The values of the most recently used keys. Thread-safe.

    Args:
        limit: how many.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[str, str], dict[str, Tensor]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str], make: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        with self._lock:
            kept = self._kept.get(key)
        kept = make() if kept is None else kept
        with self._lock:
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return kept
