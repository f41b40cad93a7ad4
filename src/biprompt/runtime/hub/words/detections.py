"""Boxes that a detector finds for a phrase, and which of them count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import Hw
from biprompt.runtime.base import Float, ImageEmbedding, Phrase

MOST = 100
"""Boxes of one phrase, the best: as many as COCO's evaluation counts in an image."""
LEAST = 1.0
"""Sides of a box in pixels, as of one that is drawn; less is what the edge of the image left."""
OVERLAP = 0.5
"""IoU from which two boxes are one thing."""

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What a phrase finds in one image, best first.

    Attributes:
        boxes: ``(N, 4)`` float32 xyxy in pixels of the original image, inside it.
        scores: ``(N,)`` float32, 0 to 1.
    """

    boxes: Float
    scores: Float

    @classmethod
    def of(cls, centred: Float, scores: Float, frame_wh: tuple[float, float], hw: Hw) -> Detections:
        """From a detector's output: duplicates are dropped, and the best `MOST` kept.

        Args:
            centred: ``(Q, 4)`` centre x, centre y, width, height, each 0 to 1 of the frame.
            scores: ``(Q,)``.
            frame_wh: width and height of that frame in pixels of the original image.
            hw: height and width of the original image; boxes are cut to it.
        """
        half = centred[:, 2:] / 2
        corners = np.concatenate([centred[:, :2] - half, centred[:, :2] + half], 1)
        boxes = np.asarray(corners * np.array(frame_wh * 2), np.float64)
        boxes = boxes.clip(0, np.array((hw[1], hw[0]) * 2, np.float64))
        real = np.flatnonzero((boxes[:, 2:] - boxes[:, :2] >= LEAST).all(1))
        kept = real[distinct(boxes[real], scores[real])]
        return cls(boxes[kept].astype(np.float32), scores[kept].astype(np.float32))


class Detector(Protocol):
    """Finds boxes for phrases."""

    name: str
    version: str
    threshold: float
    """Score from which a box counts."""

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """Feature maps of images, see `Runtime.encode`."""
        ...

    def detect(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> list[Detections]:
        """What each phrase finds; ``image.features`` are the detector's own."""
        ...


def distinct(
    boxes: NDArray[np.float64], scores: Float, overlap: float = OVERLAP
) -> NDArray[np.intp]:
    """Indices of boxes that no better one covers, best first, at most `MOST`.

    Args:
        boxes: ``(N, 4)`` xyxy of positive area.
        scores: ``(N,)``.
        overlap: IoU from which the worse of two is dropped.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order) and len(kept) < MOST:
        best, order = int(order[0]), order[1:]
        kept.append(best)
        order = order[box_iou(boxes[best], boxes[order]) < overlap]
    return np.array(kept, np.intp)


def box_iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of a box ``(4,)`` with others ``(N, 4)``, xyxy of positive area: ``(N,)``."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    common = np.clip(high - low, 0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1)
    union: NDArray[np.float64] = (box[2:] - box[:2]).prod() + areas - common
    return np.asarray(common / union, np.float64)


def counted(scores: Float, threshold: float, *, every: bool) -> NDArray[np.intp]:
    """Which boxes of a phrase count: the best, or every one whose score is enough.

    Where every one is meant and none is good enough, the best counts: its presence says how little
    that is worth.

    Args:
        scores: ``(N,)``, best first; 0 fills up.
        threshold: score from which a box counts.
        every: whether all of a kind are meant.
    """
    good = np.flatnonzero(scores >= threshold)
    if every and len(good):
        return good
    return np.flatnonzero(scores[:1] > 0)


def containing(boxes: Float, xy: Float) -> Bool:
    """Which boxes ``(N, 4)`` hold all points ``(K, 2)`` of the same frame: ``(N,)``."""
    inside = (xy[None] >= boxes[:, None, :2]) & (xy[None] <= boxes[:, None, 2:])
    return np.asarray(inside.all((1, 2)))
