"""Networks that answer a phrase with a map, behind the runtime protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from biprompt.errors import ModelError
from biprompt.geometry import Hw, ModelFrame
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
from biprompt.runtime.hub.words.views import View
from biprompt.runtime.torch.place import Place

_Look = Callable[[Tensor], Mapping[str, Tensor]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """What ``P`` phrases outline.

    Attributes:
        logits: ``(P, h, w)`` float32, above zero where the thing is, on the network's canvas.
        score: ``(P,)`` how good each map is thought to be, 0 to 1.
        presence: ``(P,)`` logits that the thing is there at all.
    """

    logits: Tensor
    score: Tensor
    presence: Tensor


class MapRuntime(ABC):
    """Answers words alone; what it looks at is worked out once for all phrases.

    Args:
        name: of the model.
        version: changes with weights and preprocessing.
        place: device and precision.
        view: how images come to it.
        instances: whether it tells things of a kind apart.
    """

    def __init__(
        self, name: str, version: str, place: Place, view: View, *, instances: bool = False
    ) -> None:
        self.place, self.view = place, view
        self._facts = RuntimeFacts(
            name, f"{version}-{place.dtype}".replace("torch.", ""),
            points=False, masks=False, words=True, semantic=True, joint=False,
            instances=instances,
        )  # fmt: skip

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        return self._facts

    def frame(self, hw: Hw) -> ModelFrame:
        """See `Runtime.frame`."""
        return self.view.frame(hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`, in calls of `Place.batch` images."""
        return looked(self.place, self._facts.model, self.view, self._look, images)

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`: the map of each phrase, and how sure it is."""
        with asking(self.place, self._facts.model):
            features = carried(image.features, self.place)
            batches = in_batches(phrases, self.place.batch)
            found = [self._outlined(features, phrases) for phrases in batches]
            logits, score, presence = (
                torch.cat([getattr(one, name) for one in found]).float().cpu().numpy()
                for name in ("logits", "score", "presence")
            )
        return Grounding({"logits": logits, "score": score}, presence)

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`: the map of each row's phrase, whatever is pointed at.

        Raises:
            ModelError: a row has no words.
        """
        if text is None or not text.has_text.all():
            raise ModelError(f"{self._facts.model} answers words alone")
        return Decoded(text.state["logits"][:, None], text.state["score"][:, None])

    @abstractmethod
    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`."""

    @abstractmethod
    def _look(self, pixels: Tensor) -> Mapping[str, Tensor]:
        """Feature maps ``(B, ...)`` of images ``(B, 3, S, S)`` on the device."""

    @abstractmethod
    def _outlined(self, features: Mapping[str, Tensor], phrases: Sequence[Phrase]) -> Maps:
        """What the phrases outline in one image."""


def looked(
    place: Place, model: str, view: View, look: _Look, images: Sequence[NDArray[np.uint8]]
) -> list[Mapping[str, Float]]:
    """Feature maps of images, read-only and with a batch axis of one.

    Images that are seen at different sizes go in calls of their own.
    """
    found: list[Mapping[str, Float]] = []
    with asking(place, model):
        pixels = [view.pixels(image) for image in images]
        for batch in in_batches(pixels, place.batch):
            alike = len({one.shape for one in batch}) == 1
            for part in [batch] if alike else [[one] for one in batch]:
                levels = look(torch.stack(part).to(place.device, place.dtype))
                rows = {name: level.float().cpu() for name, level in levels.items()}
                found += [_kept({k: v[i] for k, v in rows.items()}) for i in range(len(part))]
    return found


def _kept(levels: Mapping[str, Tensor]) -> Mapping[str, Float]:
    arrays = {name: level[None].contiguous().numpy() for name, level in levels.items()}
    for array in arrays.values():
        array.flags.writeable = False
    return MappingProxyType(arrays)


def carried(features: Mapping[str, Float], place: Place) -> dict[str, Tensor]:
    """Arrays on the device; copies, as torch takes no read-only memory."""
    return {k: torch.from_numpy(v.copy()).to(place.device) for k, v in features.items()}


def in_batches(rows: Sequence[_T], size: int) -> list[list[_T]]:
    """The rows in order, `size` at a time."""
    return [list(rows[first : first + size]) for first in range(0, len(rows), size)]


def token_batch(phrases: Sequence[Phrase], place: Place, length: int = 0) -> tuple[Tensor, Tensor]:
    """Token ids of phrases, padded with 0 on the right to the longest, or to `length`.

    Returns:
        ids ``(P, T)`` int64, and 1 at each real one, both on the device.
    """
    rows = [torch.from_numpy(np.asarray(phrase.tokens, np.int64)) for phrase in phrases]
    ids = pad_sequence(rows, batch_first=True)
    ids = torch.nn.functional.pad(ids, (0, max(0, length - ids.shape[1])))
    lengths = torch.tensor([len(row) for row in rows])
    real = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    return ids.to(place.device), real.to(place.device)


def certainty(logits: Tensor) -> Tensor:
    """Mean probability inside each mask: ``(P,)`` of ``(P, h, w)``; 0 where it is empty."""
    inside = logits > 0
    total = (logits.sigmoid() * inside).sum((1, 2))
    mean: Tensor = total / inside.sum((1, 2)).clamp(min=1)
    return mean


def log_odds(probability: Tensor) -> Tensor:
    """Logits of probabilities, at most about 14 from zero."""
    return torch.logit(probability.float(), eps=1e-6)
