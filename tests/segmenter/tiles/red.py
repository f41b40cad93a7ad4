"""A model that finds what is red: its answers for every window are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.words import PhraseReader
from biprompt.geometry import ModelFrame, fit_longest
from biprompt.masks import component_at
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
from biprompt.segmenter import Segmenter
from biprompt.zoo.words import WordTable

SEEN = 64
"""Longest side at which the model sees a window."""


class RedRuntime:
    """Words mean everything red, there from `sure` red cells on; a click means the part under it.

    One of `weak` red cells or more is nearly sure; `looked` lists the sizes of the windows.
    """

    facts = RuntimeFacts("red", "1", one_part=True)

    def __init__(self) -> None:
        self.looked: list[tuple[int, int]] = []
        self.sure, self.weak = 3, 3

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        return ModelFrame(hw, hw if max(hw) <= SEEN else fit_longest(hw, SEEN, 4))

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        self.looked += [image.shape[:2] for image in images]
        return [{"red": self._cells(image)} for image in images]

    def _cells(self, image: NDArray[np.uint8]) -> Float:
        red = (image[:, :, 0] > image[:, :, 1]).astype(np.float32)
        h, w = self.frame(image.shape[:2]).model_hw
        rows = np.arange(h // 4) * image.shape[0] // (h // 4)
        columns = np.arange(w // 4) * image.shape[1] // (w // 4)
        sums = np.add.reduceat(np.add.reduceat(red, rows), columns, axis=1)
        counts = np.outer(
            np.diff(rows, append=image.shape[0]), np.diff(columns, append=image.shape[1])
        )
        return (sums / counts)[None, None].astype(np.float32)

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        red = int((image.features["red"] > 0.5).sum())
        logit = 3.0 if red >= self.sure else -0.5 if red >= self.weak else -6.0
        count = len(phrases)
        query = np.zeros((count, 1), np.float32)
        return Grounding({"query": query}, np.full(count, logit, np.float32))

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        cells = image.features["red"][0, 0]
        logits = np.repeat(np.repeat((cells * 8 - 4)[None, None], 4, 1), len(spatial), 0)
        for row in range(len(spatial)):
            clicks = spatial.xy[row][spatial.labels[row] == 1]
            if len(clicks):
                logits[row, :, ~component_at(cells > 0.5, clicks / 4)] = -4
        scores = np.tile(np.array([0.5, 0.6, 0.7, 0.8], np.float32), (len(spatial), 1))
        return Decoded(logits.astype(np.float32), scores)


def red_model(runtime: RedRuntime) -> Segmenter:
    """The runtime as a whole model that knows the word cat."""
    return Segmenter(runtime, PhraseReader(WordTable.load(), ["cat"]))
