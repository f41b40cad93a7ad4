"""Of things found several times, keep the best: non-maximum suppression by boxes and by masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.masks import Rle, rle_area, rle_bbox, rle_decode

Overlaps = Callable[[int, NDArray[np.intp]], NDArray[np.float64]]
"""IoU of one thing with others, by their places."""


def suppressed(
    scores: Sequence[float], overlaps: Overlaps, overlap: float, most: int | None = None
) -> list[int]:
    """Keep, from the best on, what does not overlap too much with what is kept already.

    Args:
        scores: (N,) finite; of equal ones the earlier comes first.
        overlaps: tells the IoUs.
        overlap: IoU from which the worse one is dropped.
        most: how many to keep at most; None for all.

    Returns:
        Places of what is kept, best first.

    Raises:
        InputError: a score is not finite.
    """
    ranks = np.asarray(scores, np.float64)
    if not np.isfinite(ranks).all():
        raise InputError("scores", expected="finite numbers", actual=ranks.tolist())
    waiting: NDArray[np.intp] = np.argsort(-ranks, kind="stable")
    kept: list[int] = []
    while waiting.size and (most is None or len(kept) < most):
        best, waiting = int(waiting[0]), waiting[1:]
        kept.append(best)
        waiting = waiting[overlaps(best, waiting) < overlap]
    return kept


def bit_overlaps(bits: NDArray[np.uint8]) -> Overlaps:
    """Return the IoU of masks packed on one grid: mask NMS, exact on that grid.

    Args:
        bits: (N, B) uint8, each row a mask as `numpy.packbits` gives it.
    """
    words = np.zeros((len(bits), -(-bits.shape[1] // 8) * 8), np.uint8)
    words[:, : bits.shape[1]] = bits
    packed = words.view(np.uint64)
    areas = np.bitwise_count(packed).sum(axis=1, dtype=np.int64)

    def overlaps(one: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
        both = np.bitwise_count(packed[others] & packed[one]).sum(axis=1, dtype=np.int64)
        return _ratio(both, areas[others] + areas[one] - both)

    return overlaps


def box_overlaps(boxes: NDArray[np.float64]) -> Overlaps:
    """Return the IoU of boxes: box NMS, which takes two things with one box for one.

    Args:
        boxes: (N, 4) xyxy.
    """
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    areas = sides.prod(axis=1)

    def overlaps(one: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
        low = np.maximum(boxes[others, :2], boxes[one, :2])
        high = np.minimum(boxes[others, 2:], boxes[one, 2:])
        both = np.maximum(high - low, 0).prod(axis=1)
        return _ratio(both, areas[others] + areas[one] - both)

    return overlaps


def rle_overlaps(rles: Sequence[Rle], least: float) -> Overlaps:
    """Return the IoU of masks held as run lengths: exact from `least` on.

    What cannot reach `least`, for all that boxes and areas say, is not unpacked and gets an upper
    bound below it.

    Args:
        rles: masks of one image.
        least: the IoU that matters.
    """
    areas = np.array([rle_area(rle) for rle in rles], np.int64)
    boxes = np.array([rle_bbox(rle) for rle in rles], np.int64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]

    def overlaps(one: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
        low = np.maximum(boxes[others, :2], boxes[one, :2])
        high = np.minimum(boxes[others, 2:], boxes[one, 2:])
        # The masks share no more than their boxes do: few pairs need a look at the pixels.
        shared = np.maximum(high - low, 0).prod(axis=1)
        most = np.minimum(np.minimum(shared, areas[one]), areas[others])
        found = _ratio(most, areas[others] + areas[one] - most)
        near = np.flatnonzero(found >= least)
        mask = rle_decode(rles[one]) if near.size else None
        for place in near:
            (x0, y0), (x1, y1) = low[place], high[place]
            other = rle_decode(rles[others[place]])[y0:y1, x0:x1]
            both = np.count_nonzero(other & mask[y0:y1, x0:x1])  # type: ignore[index]
            found[place] = both / (areas[others[place]] + areas[one] - both)
        return found

    return overlaps


def _ratio(
    part: NDArray[np.integer | np.floating], whole: NDArray[np.integer | np.floating]
) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0))
