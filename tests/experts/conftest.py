"""A runtime whose masks are known: disks around clicks, and the left half for any words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from biprompt.experts.words import PhraseReader
from biprompt.geometry import ModelFrame
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
from biprompt.zoo.words import WordTable

HW = (64, 128)
"""Original and model size are the same, so that a cell is 4 x 4 pixels."""


class FakeRuntime:
    """Every click is a disk of 2, 3, 4 or 5 cells; words mean the left half, and are there."""

    facts = RuntimeFacts("fake", "1", one_part=True)

    def __init__(self) -> None:
        self.phrases: list[int] = []
        self.rows: list[int] = []
        self.presence: float | None = 3.0

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        return ModelFrame(hw, hw)

    def encode(self, images: Any) -> list[Mapping[str, Float]]:
        return [{} for _ in images]

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        count = len(phrases)
        self.phrases.append(count)
        query = np.stack([phrase.tokens.sum(0) for phrase in phrases])
        presence = None if self.presence is None else np.full(count, self.presence, np.float32)
        return Grounding({"query": query}, presence)

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        count = len(spatial)
        self.rows.append(count)
        logits = np.full((count, 4, HW[0] // 4, HW[1] // 4), -5, np.float32)
        for row in range(count):
            _draw(logits[row], spatial, row)
            if text is not None and text.has_text[row]:
                logits[row, :, :, : logits.shape[3] // 2] = 5
        return Decoded(logits, np.tile(np.array([0.5, 0.6, 0.7, 0.8], np.float32), (count, 1)))


def _draw(logits: Any, spatial: SpatialBatch, row: int) -> None:
    rows, columns = np.mgrid[: logits.shape[1], : logits.shape[2]] * 4 + 2
    for (x, y), label in zip(spatial.xy[row], spatial.labels[row], strict=True):
        for mask, level in enumerate(logits):
            if label == 1:
                level[np.hypot(columns - x, rows - y) <= 4 * (mask + 2)] = 5
    if spatial.has_mask[row]:
        logits[:, spatial.mask[row, 0] > 0.5] = 5


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def embedding() -> ImageEmbedding:
    pixels = np.zeros((*HW, 3), np.uint8)
    return ImageEmbedding({}, ModelFrame(HW, HW), "key", "fake", "1", pixels)


@pytest.fixture(scope="session")
def reader() -> PhraseReader:
    return PhraseReader(WordTable.load(), ["cat", "dog"])
