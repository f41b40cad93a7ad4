"""What speaks for each candidate of a set of prompts: one row of numbers each.

Ours. The numbers are those on which `biprompt.selection.composing` bases its estimates; none needs
the truth, and each is known for every model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biprompt.masks import bbox_xyxy
from biprompt.selection._checks import BoolArray, FloatArray

SPATIAL = ("box", "scribble", "click")
"""Kinds of prompts that point."""
ORIGINS = ("part", "part and words", "together", "joint", "refined", "mean")
"""How a candidate was made: one prompt alone, one with the words, all that point, these with the
words, from the mean by all that point, and the mean of the others."""
LOOKS = ("score", "agreement", "agreement of parts", "least agreement of parts", "like the mean",
         "stability", "confidence", "size", "filled")  # fmt: skip
OBEYS = ("like the box", "inside the box", "strokes", "clicks", "words", "words and presence",
         "inside the words")  # fmt: skip
NAMES = (
    *LOOKS, *OBEYS, *ORIGINS, "clear", "pick",
    *(f"part: {kind}" for kind in SPATIAL),
    *(f"pick: {origin}" for origin in ORIGINS[:4]),
    *(f"pick of part: {kind}" for kind in SPATIAL),
)  # fmt: skip
"""Names of the numbers, in order."""

_SIDE = 256
_UNSURE = (0.9, 0.9)
_HIGH, _LOW = 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What was asked, in the frame of the candidates.

    Attributes:
        box: xyxy, or None.
        clicks: ``(N, 2)`` and labels ``(N,)``; none without.
        strokes: ``(M, 2)`` points along strokes and labels ``(M,)``; none without.
        words: ``(H, W)`` bool, what the words outline; None without.
        presence: 0 to 1 of the named thing; 1 where the model gives none.
    """

    box: FloatArray | None = None
    clicks: tuple[FloatArray, FloatArray] | None = None
    strokes: tuple[FloatArray, FloatArray] | None = None
    words: BoolArray | None = None
    presence: float = 1.0

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which prompts there are, some of SPATIAL and "text"."""
        given = {"box": self.box, "scribble": self.strokes, "click": self.clicks}
        kinds = tuple(kind for kind, value in given.items() if value is not None)
        return kinds if self.words is None else (*kinds, "text")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where a candidate comes from.

    Attributes:
        origin: one of ORIGINS.
        kinds: the prompts it was made from, some of SPATIAL.
        clear: whether it is the mask that the decoder makes for clear prompts.
        pick: whether it has the highest predicted IoU of its row.
    """

    origin: str
    kinds: tuple[str, ...]
    clear: bool = False
    pick: bool = False


def evidence(
    masks: BoolArray,
    scores: npt.ArrayLike,
    softs: Sequence[npt.NDArray[np.float32] | None],
    found: Sequence[Found],
    told: Told,
) -> FloatArray:
    """Return what speaks for each candidate.

    Args:
        masks: ``(K, H, W)`` bool, K at least 1.
        scores: ``(K,)`` predicted IoU; NaN where there is none.
        softs: the masks as the model gave them, in [0, 1] at its resolution; None without.
        found: where each comes from; the picks of parts are among them.
        told: what was asked.

    Returns:
        ``(K, len(NAMES))`` float64.
    """
    picks = np.array([one.pick for one in found])
    parts = picks & np.array([one.origin == "part" for one in found])
    small, cut = _reduced(masks)
    alike = _ious(small, small)
    mean = _mean(small, softs, found, picks)
    areas = small.sum(1)
    looks = np.stack([
        _filled_in(scores, picks), alike[:, picks].mean(1), alike[:, parts].mean(1),
        alike[:, parts].min(1), alike[:, mean], *_certainty(softs),
        np.log((areas + 1) / (areas[mean] + 1)), (areas > 0).astype(float),
    ], 1)  # fmt: skip
    return np.concatenate([looks, _obeys(masks, small, cut, told), _origins(found)], 1)


def _reduced(masks: BoolArray) -> tuple[BoolArray, tuple[slice, slice]]:
    """The masks as rows ``(K, P)``: the part where any has pixels, every so manieth of them."""
    x0, y0, x1, y1 = bbox_xyxy(masks.any(0))
    if x1 == 0:
        x1 = y1 = 1
    step = max(1, -(-max(x1 - x0, y1 - y0) // _SIDE))
    cut = slice(y0, y1, step), slice(x0, x1, step)
    return masks[(slice(None), *cut)].reshape(len(masks), -1), cut


def _ious(a: BoolArray, b: BoolArray) -> FloatArray:
    both = a.astype(np.float32) @ b.astype(np.float32).T
    either = a.sum(1)[:, None] + b.sum(1) - both
    return np.asarray(np.divide(both, either, out=np.ones(both.shape), where=either > 0))


def _mean(
    small: BoolArray, softs: Sequence[object], found: Sequence[Found], picks: BoolArray
) -> int:
    """The candidate that is the mean of the others; where there is none, the pick nearest to it."""
    for index, one in enumerate(found):
        if one.origin == "mean":
            return index
    usual = small[picks].mean(0) > 0.5
    rows = np.flatnonzero(picks)
    return int(rows[_ious(small[picks], usual[None])[:, 0].argmax()])


def _filled_in(scores: npt.ArrayLike, picks: BoolArray) -> FloatArray:
    values = np.asarray(scores, np.float64)
    usual = float(np.nanmean(values[picks]))
    return np.clip(np.where(np.isnan(values), usual, values), 0.0, 1.0)


def _certainty(softs: Sequence[npt.NDArray[np.float32] | None]) -> tuple[FloatArray, FloatArray]:
    """How little a mask changes with its threshold, and how sure its pixels are."""
    pairs = [_UNSURE if soft is None else _certain(soft) for soft in softs]
    stable, sure = np.array(pairs, np.float64).T
    return stable, sure


def _certain(soft: npt.NDArray[np.float32]) -> tuple[float, float]:
    inside = soft[soft > 0.5]
    widest = int(np.count_nonzero(soft > _LOW))
    stable = np.count_nonzero(soft > _HIGH) / max(widest, 1)
    return float(stable), float(inside.mean()) if inside.size else 0.0


def _obeys(masks: BoolArray, small: BoolArray, cut: tuple[slice, slice], told: Told) -> FloatArray:
    """How well each candidate fits each prompt; 0 or 1 alike for all where there is none."""
    count = len(masks)
    words, contained = np.zeros(count), np.zeros(count)
    if told.words is not None:
        both, areas = (small & told.words[cut].reshape(-1)).sum(1), small.sum(1)
        named = np.count_nonzero(told.words) / int(cut[0].step) ** 2  # also outside all candidates
        words = both / np.maximum(areas + named - both, 1)
        contained = both / np.maximum(areas, 1)
    like, inside = _boxed(masks, told.box)
    return np.stack([
        like, inside, _hits(masks, told.strokes), _hits(masks, told.clicks),
        words, words * told.presence, contained,
    ], 1)  # fmt: skip


def _boxed(masks: BoolArray, box: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    if box is None:
        return np.zeros(len(masks)), np.ones(len(masks))
    inner = np.zeros(masks.shape[1:], np.bool_)
    x0, y0, x1, y1 = np.concatenate((np.floor(box[:2]), np.ceil(box[2:]))).astype(int)
    inner[max(0, y0) : y1, max(0, x0) : x1] = True
    bounds = np.array([bbox_xyxy(mask) for mask in masks], np.float64)
    inside = [float((m & inner).sum()) / max(1.0, float(m.sum())) for m in masks]
    return _box_ious(bounds, box), np.array(inside)


def _box_ious(boxes: FloatArray, box: FloatArray) -> FloatArray:
    shared = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    both = np.clip(shared, 0, None).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return np.asarray(both / (areas + np.prod(box[2:] - box[:2]) - both))


def _hits(masks: BoolArray, points: tuple[FloatArray, FloatArray] | None) -> FloatArray:
    """Share of the points that a mask does as told: covers, or leaves out."""
    if points is None:
        return np.ones(len(masks))
    xy, labels = points
    last = np.array(masks.shape[:0:-1]) - 1
    x, y = np.clip(np.floor(xy).astype(np.intp), 0, last).T
    return np.asarray((masks[:, y, x] == (labels == 1)).mean(1))


def _origins(found: Sequence[Found]) -> FloatArray:
    rows = []
    for one in found:
        origin = [float(one.origin == each) for each in ORIGINS]
        alone = [float(one.origin == "part" and one.kinds == (kind,)) for kind in SPATIAL]
        pick = float(one.pick)
        picked = [pick * value for value in (*origin[:4], *alone)]
        rows.append([*origin, float(one.clear), pick, *alone, *picked])
    return np.array(rows, np.float64)
