"""Pairs as the networks take them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from biprompt.geometry import ModelFrame
from biprompt.models.organ_seg.choice import Options
from biprompt.models.organ_seg.conversation import Conversation
from biprompt.models.organ_seg.pixels import VisionView
from biprompt.models.preprocess import SamView
from biprompt.training.evf.data.shuffle import place_in_order
from biprompt.training.organ_seg.pairs import Pair, PairSet

_CELL = 4
"""Pixels of the SAM's canvas to a cell of its masks, along one side."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some pairs.

    Attributes:
        keys: their names.
        ids: ``(N, T)`` int64, filled up on the right.
        real: ``(N, T)`` int64, 0 where filled up.
        vision: ``(N, 3, side, side)`` float32, for the vision-language model.
        canvas: ``(N, 3, S, S)`` float32, for the SAM.
        targets: ``(N, S/4, S/4)`` float32, the covered share of each cell; 0 for a false premise.
        classes: ``(N,)`` int64; the last one refuses.
        frames: how the SAM sees each picture.
    """

    keys: tuple[str, ...]
    ids: Tensor
    real: Tensor
    vision: Tensor
    canvas: Tensor
    targets: Tensor
    classes: Tensor
    frames: tuple[ModelFrame, ...]

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        moved: dict[str, Any] = {
            field.name: value.to(device)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        return replace(self, **moved)


@dataclass(frozen=True, slots=True, eq=False)
class Collator:
    """Makes batches.

    Attributes:
        pairs: the set they come from.
        talk: makes ids of questions.
        vision: makes pixels for the vision-language model.
        sam: makes the SAM's canvas.
        asks: "choice" puts a question into the paper's prompt.
    """

    pairs: PairSet
    talk: Conversation
    vision: VisionView
    sam: SamView
    asks: str

    def __call__(self, chosen: Sequence[Pair]) -> Batch:
        """Read some pairs, at least one.

        Raises:
            ImageError: a picture is missing or damaged.
            DataError: an organ is not where it should be.
            PromptError: a question is too long for the language model.
        """
        pictures = [self.pairs.pixels(pair) for pair in chosen]
        frames = tuple(self.sam.frame(picture.shape[:2]) for picture in pictures)
        ids, real = self.talk.batch([self._said(pair) for pair in chosen])
        masks = [torch.from_numpy(self.pairs.mask(pair)) for pair in chosen]
        return Batch(
            tuple(pair.key for pair in chosen),
            ids,
            real,
            torch.stack([self.vision.pixels(picture) for picture in pictures]),
            torch.stack([self.sam.canvas(picture) for picture in pictures]),
            torch.stack([on_cells(*both) for both in zip(masks, frames, strict=True)]),
            torch.tensor([self.pairs.number(pair) for pair in chosen]),
            frames,
        )

    def _said(self, pair: Pair) -> str:
        return (
            Options(self.pairs.classes).prompt(pair.question)
            if self.asks == "choice"
            else pair.question
        )


def on_cells(mask: Tensor, frame: ModelFrame) -> Tensor:
    """A mask ``(H, W)`` bool on the cells of the SAM's canvas, ``(S/4, S/4)`` float32."""
    (h, w), (height, width) = frame.model_hw, frame.canvas_hw
    # Larger pictures are averaged, smaller ones stretched.
    seen = F.interpolate(mask[None, None].float(), (h, w), mode="area")
    return F.avg_pool2d(F.pad(seen, (0, width - w, 0, height - h)), _CELL)[0, 0]


def drawn(pairs: Sequence[Pair], seed: int, numbers: Sequence[int]) -> list[Pair]:
    """The pairs with some numbers of the endless stream: every epoch holds each pair once."""
    count = len(pairs)
    return [pairs[place_in_order(n % count, count, (seed, n // count))] for n in numbers]


def in_turns(pairs: Sequence[Pair], size: int) -> Iterator[Sequence[Pair]]:
    """All pairs in order, so many at a time."""
    for first in range(0, len(pairs), size):
        yield pairs[first : first + size]
