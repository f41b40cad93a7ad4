"""A model that knows a drawn image: the red of a pixel is the number of the thing it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

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
from biprompt.segmenter import Segmenter

CELL = 4
SURE, WHOLE, PART, NOTHING = 0.9, 0.7, 0.6, 0.2
"""Predicted IoU of a thing, of all things together, of a thing's upper half, and of background."""
HW = (96, 128)


def drawing() -> NDArray[np.uint8]:
    """Three things on nothing: a large, a small and a tall rectangle, on whole cells."""
    image = np.zeros((*HW, 3), np.uint8)
    image[8:48, 16:56, 0] = 1
    image[64:80, 24:40, 0] = 2
    image[16:80, 88:104, 0] = 3
    return image


class DrawnRuntime:
    """Reads of every click: the thing under it, its upper half, and all things together."""

    def __init__(self, *, points: bool = True, sure: float = SURE) -> None:
        self.facts = RuntimeFacts("drawn", "1", points=points, words=False)
        self.sure = sure
        self.clicks: list[tuple[float, float]] = []
        self.most_rows = 0
        self.looks = 0

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        return ModelFrame(hw, hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        self.looks += len(images)
        return [
            {"things": image[::CELL, ::CELL, 0].astype(np.float32)[None, None]} for image in images
        ]

    def dense(self, image: ImageEmbedding) -> Float:
        return image.features["things"][0]

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        raise NotImplementedError

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        things = image.features["things"][0, 0]
        logits = np.full((len(spatial), 4, *things.shape), -4.0, np.float32)
        iou = np.zeros((len(spatial), 4), np.float32)
        self.most_rows = max(self.most_rows, len(spatial))
        for row, (x, y) in enumerate(spatial.xy[:, 0]):
            self.clicks.append((float(x), float(y)))
            thing = things[int(y) // CELL, int(x) // CELL]
            for place, (mask, score) in enumerate(self.readings(things, thing)):
                logits[row, place][mask] = 4.0
                iou[row, place] = score
        return Decoded(logits, iou)

    def readings(self, things: Float, thing: float) -> Sequence[tuple[NDArray[np.bool_], float]]:
        it = things == thing
        if thing == 0:
            return [(it, NOTHING)] * 4
        rows = np.flatnonzero(it.any(axis=1))
        upper = it & (np.arange(len(it)) < (rows[0] + rows[-1] + 1) // 2)[:, None]
        return [(it, self.sure), (things > 0, WHOLE), (upper, PART), (it, self.sure)]


class NoReader:
    def read(self, text: str) -> Phrase:
        raise NotImplementedError


def drawn_segmenter(runtime: DrawnRuntime) -> Segmenter:
    return Segmenter(runtime, NoReader())  # type: ignore[arg-type]
