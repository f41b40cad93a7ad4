"""A detector that reads words, and any runtime that answers boxes: together they outline phrases.

Grounding DINO with SAM ("Grounded SAM", Ren et al. 2024) is such a pair; here the detector and what
is pointed with are free to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ModelError
from biprompt.geometry import Hw, ModelFrame
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    Runtime,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)
from biprompt.runtime.hub.words.detections import MOST, Detections, Detector, containing, counted
from biprompt.runtime.hub.words.number import means_all

WORDS = "words."
"""Before the names of the detector's feature maps."""
ROWS = 16
"""Boxes of one decoder call."""
CELL = 4
"""Model pixels of a decoder's cell, along one side."""
EMPTY = -8.0
"""Logit of a place that is surely not meant."""

Rows = NDArray[np.intp]


class BoxedRuntime:
    """Words become boxes, and boxes masks.

    A phrase is answered by the mask of its best box, and by the union of all good boxes where it
    means all of a kind (`means_all`). Presence is 0.5 where the best box scores just enough. With
    something pointed at as well, the best box that holds all adding clicks is given beside them.

    Args:
        points: answers boxes.
        detector: reads words.

    Raises:
        ModelError: `points` answers no boxes.
    """

    def __init__(self, points: Runtime, detector: Detector) -> None:
        own = points.facts
        if not own.points:
            raise ModelError(f"{own.model} answers no boxes, so {detector.name} needs another")
        self._points, self._detector = points, detector
        name = f"{own.model}+{detector.name}"
        version = f"{own.version}-{detector.version}"
        self._facts = replace(
            own, model=name, version=version, words=True, semantic=True, instances=True, joint=True
        )

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        return self._facts

    def frame(self, hw: Hw) -> ModelFrame:
        """See `Runtime.frame`: that of what is pointed with."""
        return self._points.frame(hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`: what both see."""
        pairs = zip(self._points.encode(images), self._detector.encode(images), strict=True)
        return [
            MappingProxyType({**seen, **{WORDS + name: level for name, level in read.items()}})
            for seen, read in pairs
        ]

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`: those of what is pointed with."""
        return self._points.dense(self._pointed(image))

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`: boxes in the original frame, their scores, and what they claim."""
        found = self._detector.detect(_read(image), phrases)
        boxes, scores = (np.stack(part) for part in zip(*map(_filled, found), strict=True))
        every = np.array([means_all(phrase.text) for phrase in phrases], np.float32)
        state = {"boxes": boxes, "scores": scores, "every": every}
        return Grounding(state, presence(scores[:, 0], self._detector.threshold))

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`."""
        pointed = self._pointed(image)
        if text is None:
            return self._points.decode(pointed, spatial, None)
        points_at = (spatial.labels >= 0).any(1) | (spatial.has_box > 0) | (spatial.has_mask > 0)
        alone = (text.has_text > 0) & ~points_at
        answers: dict[int, tuple[Float, Float]] = {}
        if (others := np.flatnonzero(~alone)).size:
            found = self._points.decode(pointed, self._helped(pointed, spatial, text, others), None)
            answers |= zip(others.tolist(), zip(found.logits, found.iou, strict=True), strict=True)
        for row, answer in self._named(pointed, spatial, text, np.flatnonzero(alone)):
            answers[row] = answer
        logits, iou = zip(*(answers[row] for row in range(len(spatial))), strict=True)
        return Decoded(logits, iou)

    def _helped(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch, rows: Rows
    ) -> SpatialBatch:
        """Rows that point at something; those with words and no box get one from the words."""
        box, has_box = spatial.box[rows].copy(), spatial.has_box[rows].copy()
        for i, row in enumerate(rows):
            if text.has_text[row] and not has_box[i]:
                clicks = spatial.xy[row][spatial.labels[row] == 1]
                boxes = _scaled(text.state["boxes"][row], image.frame)
                good = text.state["scores"][row] >= self._detector.threshold
                fitting = np.flatnonzero(good & containing(boxes, clicks))
                if len(fitting):
                    box[i], has_box[i] = boxes[fitting[0]], 1.0
        return replace(rows_of(spatial, rows), box=box, has_box=has_box)

    def _named(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch, rows: Rows
    ) -> Iterator[tuple[int, tuple[Float, Float]]]:
        """Answers of rows of words alone: all boxes of all rows share the decoder calls."""
        boxes, owners = self._asked(text, rows)
        outlined = list(self._outlined(image, boxes, spatial.mask.shape[-2:]))
        for row in rows.tolist():
            own = [one for one, owner in zip(outlined, owners, strict=True) if owner == row]
            if own:
                yield row, _united(own)
            else:
                nothing = np.full((1, *spatial.mask.shape[-2:]), EMPTY, np.float32)
                yield row, (nothing, np.zeros(1, np.float32))

    def _asked(self, text: TextBatch, rows: Rows) -> tuple[Float, list[int]]:
        """The boxes that count, ``(B, 4)`` in the original frame, and the row of each."""
        boxes: list[Float] = []
        owners: list[int] = []
        for row in rows.tolist():
            every, scores = bool(text.state["every"][row]), text.state["scores"][row]
            good = counted(scores, self._detector.threshold, every=every)
            boxes += list(text.state["boxes"][row][good])
            owners += [row] * len(good)
        return np.array(boxes, np.float32).reshape(-1, 4), owners

    def _outlined(
        self, image: ImageEmbedding, boxes: Float, cells_hw: tuple[int, ...]
    ) -> Iterator[tuple[Float, Float]]:
        """The masks ``(M, h, w)`` and predicted IoU ``(M,)`` of boxes, in calls of `ROWS`."""
        for first in range(0, len(boxes), ROWS):
            some = _scaled(boxes[first : first + ROWS], image.frame)
            found = self._points.decode(image, boxed(some, cells_hw), None)
            yield from zip(found.logits, found.iou, strict=True)

    def instances(self, image: ImageEmbedding, phrase: Phrase) -> Decoded:
        """See `InstanceRuntime.instances`: the masks of all good boxes."""
        (found,) = self._detector.detect(_read(image), [phrase])
        good = found.scores >= self._detector.threshold
        cells_hw = tuple(side // CELL for side in image.frame.canvas_hw)
        outlined = self._outlined(self._pointed(image), found.boxes[good], cells_hw)
        masks = [logits[:1] for logits, _ in outlined]
        logits = np.stack(masks) if masks else np.zeros((0, 1, *cells_hw), np.float32)
        return Decoded(logits, found.scores[good][:, None])

    def _pointed(self, image: ImageEmbedding) -> ImageEmbedding:
        """The image as what is pointed with saw it."""
        own = self._points.facts
        levels = {k: v for k, v in image.features.items() if not k.startswith(WORDS)}
        return replace(image, features=levels, model=own.model, version=own.version)


def presence(best: Float, threshold: float) -> Float:
    """Logits that something is there: 0 where the best box scores just enough, ``(P,)``."""
    odds = np.clip(best.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(odds / (1 - odds)) - np.log(threshold / (1 - threshold)), np.float32)


def boxed(boxes: Float, cells_hw: tuple[int, ...]) -> SpatialBatch:
    """Prompts of one box each, ``(N, 4)`` in the model frame, and nothing else."""
    count = len(boxes)
    return SpatialBatch(
        np.zeros((count, 1, 2), np.float32), np.full((count, 1), -1, np.float32),
        boxes, np.ones(count, np.float32),
        np.zeros((count, 1, *cells_hw), np.float32), np.zeros(count, np.float32),
    )  # fmt: skip


def rows_of(spatial: SpatialBatch, rows: Rows) -> SpatialBatch:
    """Some rows of a batch."""
    return SpatialBatch(*(getattr(spatial, name)[rows] for name in spatial.__dataclass_fields__))


def _read(image: ImageEmbedding) -> ImageEmbedding:
    """The image as the detector saw it."""
    levels = {name.removeprefix(WORDS): level for name, level in image.features.items()
              if name.startswith(WORDS)}  # fmt: skip
    return replace(image, features=levels)


def _scaled(boxes: Float, frame: ModelFrame) -> Float:
    return frame.scale_boxes(boxes).astype(np.float32)


def _united(own: Sequence[tuple[Float, Float]]) -> tuple[Float, Float]:
    """One row of several boxes' masks: everywhere the surest; its IoU is the mean of theirs."""
    if len(own) == 1:
        return own[0]
    logits = np.max([masks for masks, _ in own], axis=0)
    return logits, np.mean([iou for _, iou in own], axis=0, dtype=np.float32)


def _filled(found: Detections) -> tuple[Float, Float]:
    """Boxes ``(MOST, 4)`` and scores ``(MOST,)``, filled up with zeros."""
    lack = MOST - len(found.scores)
    return np.pad(found.boxes, ((0, lack), (0, 0))), np.pad(found.scores, (0, lack))
