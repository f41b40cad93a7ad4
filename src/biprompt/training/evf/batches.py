"""Samples as the networks take them, made by worker processes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biprompt.geometry import ModelFrame
from biprompt.models.beit3 import pad_tokens
from biprompt.models.preprocess import SamView, beit_pixels
from biprompt.training.evf.data.prefetch import in_order
from biprompt.training.evf.data.stream import Stream
from biprompt.training.evf.data.values import Spoken

Features = dict[str, Tensor]
Stored = Callable[[Spoken], "Features | None"]
Encode = Callable[[str], NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some pictures with all their phrases.

    Attributes:
        keys: what each picture is called.
        frames: how SAM sees each of them.
        canvas: ``(M, 3, S, S)`` float32, SAM's pixels of the pictures that must be looked at; None
            where there are none.
        features: of the other pictures, ``(I - M, ...)`` by name; None where there are none.
        stored: of each picture, whether it is one of those others.
        beit: ``(I, 3, s, s)`` float32, BEiT-3's pixels.
        ids: ``(P, T)`` int64, padded on the right.
        real: ``(P, T)`` bool, True at real tokens.
        image_of: ``(P,)`` int64, the picture of each phrase; in order.
        targets: for each picture, ``(n, H, W)`` bool.
        phrases: the P phrases.
    """

    keys: tuple[str, ...]
    frames: tuple[ModelFrame, ...]
    canvas: Tensor | None
    features: Features | None
    stored: tuple[bool, ...]
    beit: Tensor
    ids: Tensor
    real: Tensor
    image_of: Tensor
    targets: tuple[Tensor, ...]
    phrases: tuple[str, ...] = field(default=())

    @property
    def masks(self) -> int:
        """How many there are."""
        return len(self.ids)

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(**{one.name: _moved(getattr(self, one.name), device) for one in fields(self)})


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {name: _moved(one, device) for name, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_moved(one, device) for one in value)
    return value


@dataclass(frozen=True, slots=True, eq=False)
class Collator:
    """Makes batches; the same for training, validation and a trial.

    Attributes:
        view: how SAM sees an image.
        beit_size: side of BEiT-3's picture.
        encode: a phrase as token ids.
        stored: gives the features of a picture that were computed beforehand, or None.
    """

    view: SamView
    beit_size: int
    encode: Encode
    stored: Stored | None = None

    def __call__(self, samples: Sequence[Spoken]) -> Batch:
        """Put pictures and phrases side by side.

        Raises:
            PromptError: a phrase has too many tokens.
        """
        features = [None if self.stored is None else self.stored(one) for one in samples]
        known = [one for one in features if one is not None]
        unseen = [s for s, given in zip(samples, features, strict=True) if given is None]
        ids, real = pad_tokens([self.encode(p) for one in samples for p in one.phrases])
        counts = torch.tensor([len(one.phrases) for one in samples])
        return Batch(
            keys=tuple(one.key for one in samples),
            frames=tuple(self.view.frame(one.pixels.shape[:2]) for one in samples),
            canvas=torch.stack([self.view.canvas(s.pixels) for s in unseen]) if unseen else None,
            features={k: torch.stack([f[k] for f in known]) for k in known[0]} if known else None,
            stored=tuple(given is not None for given in features),
            beit=torch.stack([beit_pixels(one.pixels, self.beit_size) for one in samples]),
            ids=ids,
            real=real,
            image_of=torch.arange(len(samples)).repeat_interleave(counts),
            targets=tuple(torch.from_numpy(np.ascontiguousarray(one.masks)) for one in samples),
            phrases=tuple(phrase for one in samples for phrase in one.phrases),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Maker:
    """Makes the batch of some numbers; travels to worker processes."""

    stream: Stream
    collate: Collator

    def __call__(self, numbers: Sequence[int]) -> Batch:
        return self.collate([self.stream.sample(number) for number in numbers])


def batches(
    stream: Stream, collate: Collator, numbers: Iterator[list[int]], workers: int
) -> Generator[Batch]:
    """One batch for each list of numbers, in order.

    Args:
        stream: gives the samples.
        collate: puts them side by side.
        numbers: which ones.
        workers: processes that make them; 0 makes them here.

    Raises:
        DataError: a sample cannot be made.
        ModelError: a worker ended by itself.
    """
    maker = _Maker(stream, collate)
    return in_order(maker, numbers, workers=workers, faults=stream.faults)
